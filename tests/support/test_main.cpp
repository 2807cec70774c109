#include "tests/support/test.h"

#include <cstdio>

#include <QMetaMethod>
#include <QProcess>

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

namespace {
// Test functions of a class: its own slots. A class that moc could not read has none.
int testFunctionsOf(const QObject& test) {
    int count = 0;
    const QMetaObject* meta = test.metaObject();
    for (int i = meta->methodOffset(); i < meta->methodCount(); ++i)
        count += meta->method(i).methodType() == QMetaMethod::Slot;
    return count;
}

int runOne(orrery::tests::MakeTest make, int argc, char** argv) {
    const std::unique_ptr<QObject> test(make());
    if (testFunctionsOf(*test) == 0) {
        std::fprintf(stderr, "%s has no test function\n", test->metaObject()->className());
        return 1;
    }
    return QTest::qExec(test.get(), argc, argv);
}

constexpr const char* kOnly = "--only=";
} // namespace

// Each class runs in a process of its own: Qt Test keeps state between two in one (a class that
// skips itself would skip all that follow). Exit status: the number of classes with a failure, at
// most 100. No test at all is a failure too.
int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    const std::vector<orrery::tests::MakeTest>& all = orrery::tests::registeredTests();
    if (argc > 1 && QByteArray(argv[1]).startsWith(kOnly)) {
        const std::size_t index = QByteArray(argv[1]).mid(qstrlen(kOnly)).toULongLong();
        argv[1] = argv[0];
        return index < all.size() ? runOne(all[index], argc - 1, argv + 1) : 1;
    }
    if (all.size() == 1)
        return runOne(all.front(), argc, argv);
    int failed = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        QStringList arguments = app.arguments().mid(1);
        arguments.prepend(kOnly + QString::number(i));
        failed += QProcess::execute(app.applicationFilePath(), arguments) != 0;
    }
    return all.empty() ? 1 : std::min(failed, 100);
}
