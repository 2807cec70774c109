#include "core/api/protobuf.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
std::string varint(std::uint64_t value) {
    std::string out;
    for (; value > 127; value >>= 7)
        out.push_back(static_cast<char>((value & 127) | 128));
    out.push_back(static_cast<char>(value));
    return out;
}
std::string bytes(unsigned number, const std::string& content) {
    return varint(number << 3 | 2) + varint(content.size()) + content;
}
std::string number(unsigned field, std::uint64_t value) {
    return varint(field << 3) + varint(value);
}

std::string body(const std::string& apiVersion, const std::string& kind, const std::string& raw) {
    const std::string type = bytes(1, apiVersion) + bytes(2, kind);
    return std::string("k8s\0", 4) + bytes(1, type) + bytes(2, raw) + bytes(3, "") + bytes(4, "");
}

QString decoded(const std::string& text) {
    const Result<Json> result = decodeProtobuf(text);
    return QString::fromStdString(result ? serializeJson(*result) : "!" + result.error().message);
}
} // namespace

class ProtobufTest : public QObject {
    Q_OBJECT
  private slots:
    void decodes_data();
    void decodes();
    void refuses_data();
    void refuses();
    void survivesEveryTruncation();
};
ORRERY_TEST(ProtobufTest)

void ProtobufTest::decodes_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("json");
    const auto row = [](const char* name, const std::string& text, const char* json) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << QString(json);
    };
    row("strings, a map and bytes",
        body("v1", "ConfigMap",
             bytes(1, bytes(1, "c") + bytes(8, "") + bytes(11, bytes(1, "a") + bytes(2, "b"))) +
                 bytes(2, bytes(1, "k") + bytes(2, "v")) +
                 bytes(3, bytes(1, "b") + bytes(2, "hi"))),
        R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","labels":{"a":"b"}},)"
        R"("data":{"k":"v"},"binaryData":{"b":"aGk="}})");
    row("a time", body("v1", "Pod", bytes(1, bytes(8, number(1, 1'700'000'000)))),
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":"2023-11-14T22:13:20Z"}})");
    // A volume's source stands among the volume's own members.
    row("inlined members",
        body("v1", "Pod", bytes(2, bytes(1, bytes(1, "v") + bytes(2, bytes(6, bytes(1, "s")))))),
        R"({"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","secret":{"secretName":"s"}}]}})");
    row("number or string",
        body("v1", "Service",
             bytes(2, bytes(1, number(3, 80) + bytes(4, number(1, 0) + number(2, 8080))) +
                          bytes(1, bytes(4, number(1, 1) + bytes(3, "web"))))),
        R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"targetPort":8080},)"
        R"({"targetPort":"web"}]}})");
    row("a negative number and an unknown field",
        body("apps/v1", "Deployment",
             bytes(2, number(1, static_cast<std::uint64_t>(-1)) + number(900, 1))),
        R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":-1}})");
    row("options of a deletion",
        body("apps/v1", "DeleteOptions", number(1, 0) + bytes(4, "Orphan")),
        R"({"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":0,"propagationPolicy":"Orphan"})");
}

void ProtobufTest::decodes() {
    QFETCH(QByteArray, body);
    QFETCH(QString, json);
    QCOMPARE(decoded(body.toStdString()), json);
}

void ProtobufTest::refuses_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const std::string& text, const char* reason) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << QString(reason);
    };
    row("no envelope", "{}", "does not appear to be a protobuf message");
    row("an unknown kind", body("v1", "Pot", ""), "no kind \"Pot\"");
    row("a group", body("v1", "Pod", varint(1 << 3 | 3)), "illegal wireType 3");
    row("a number for a message", body("v1", "Pod", number(1, 1)),
        "wrong wireType = 0 for field ObjectMeta");
    row("no UTF-8", body("v1", "Pod", bytes(1, bytes(1, "\xff"))), "no UTF-8");
    row("a time beyond all times", body("v1", "Pod", bytes(1, bytes(8, number(1, 1ull << 60)))),
        "out of range");
    std::string deep;
    for (int i = 0; i < 2000; ++i) // a schema whose `not` is a schema whose `not` ...
        deep = bytes(28, deep);
    row("nested deeply",
        body("apiextensions.k8s.io/v1", "CustomResourceDefinition",
             bytes(2, bytes(7, bytes(4, bytes(1, deep))))),
        "nested too deeply");
}

void ProtobufTest::refuses() {
    QFETCH(QByteArray, body);
    QFETCH(QString, reason);
    const QString said = decoded(body.toStdString());
    QVERIFY2(said.startsWith('!') && said.contains(reason), qPrintable(said));
}

void ProtobufTest::survivesEveryTruncation() {
    const std::string whole =
        body("v1", "Pod",
             bytes(1, bytes(1, "p")) + bytes(2, bytes(2, bytes(1, "c") + bytes(2, "nginx"))));
    QVERIFY(decoded(whole).startsWith('{'));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Result<Json> result = decodeProtobuf(std::string_view(whole).substr(0, size));
        QVERIFY(result || result.error().reason == Reason::BadRequest);
    }
}

#include "protobuf_test.moc"
