#include "tests/support/test.h"

namespace orrery::tests {
static std::vector<MakeTest>& registeredTests() {
    static std::vector<MakeTest> all;
    return all;
}
int registerTest(MakeTest make) {
    registeredTests().push_back(make);
    return static_cast<int>(registeredTests().size());
}
} // namespace orrery::tests

// Exit status: the number of failed functions, at most 100. No test at all is a failure too.
int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    int failed = 0;
    for (orrery::tests::MakeTest make : orrery::tests::registeredTests()) {
        const std::unique_ptr<QObject> test(make());
        failed += QTest::qExec(test.get(), argc, argv);
    }
    return orrery::tests::registeredTests().empty() ? 1 : std::min(failed, 100);
}
