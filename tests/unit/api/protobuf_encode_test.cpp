#include "core/api/kind.h"
#include "core/api/protobuf.h"
#include "core/api/schema.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
// A value of any type with every field set; types that contain themselves end at the second.
class Example {
  public:
    Json of(const Type& type, const std::string& field) {
        switch (type.kind) {
        case TypeKind::Struct:
            return object(type);
        case TypeKind::List:
            return JsonArray{of(*type.element, field), of(*type.element, field)};
        case TypeKind::Map:
            return JsonObject{{"a", of(*type.element, field)}, {"b", of(*type.element, field)}};
        case TypeKind::String:
            return Json("text " + std::to_string(++count_));
        case TypeKind::Bool:
            return Json(true);
        case TypeKind::Int32:
            return Json(-static_cast<std::int64_t>(++count_));
        case TypeKind::Int64:
            return Json((std::int64_t{1} << 40) + ++count_);
        case TypeKind::Double:
            return Json(0.5);
        case TypeKind::Bytes:
            return Json("aGVsbG8="); // "hello"
        case TypeKind::Quantity:
            return Json("100m");
        case TypeKind::Time:
            return Json("2024-02-29T23:59:59Z");
        case TypeKind::MicroTime:
            return Json("2024-02-29T23:59:59.000001Z");
        case TypeKind::IntOrString:
            return ++count_ % 2 == 0 ? Json("http") : Json(std::int64_t{8080});
        case TypeKind::Object:
            return JsonObject{{"f:spec", JsonObject{{"f:replicas", JsonObject()}}}};
        case TypeKind::Any:
            break;
        }
        return any(field);
    }

  private:
    Json object(const Type& type) {
        JsonObject out;
        int& open = open_[type.name];
        if (++open <= 2)
            for (const Field& field : type.fields)
                if (field.name != "apiVersion" && field.name != "kind")
                    out[field.name] = of(*field.type, field.name);
        --open;
        // References to objects have both as plain fields.
        for (const char* name : {"apiVersion", "kind"})
            if (type.field(name) && !type.field("metadata") && type.goName != "DeleteOptions")
                out[name] = "text";
        return out;
    }

    // What a CustomResourceDefinition's schema has where several types may stand.
    Json any(const std::string& field) {
        if (field == "items")
            return ++count_ % 2 == 0 ? Json(JsonObject{{"type", "string"}})
                                     : Json(JsonArray{JsonObject{{"type", "string"}}});
        if (field == "additionalProperties")
            return Json(JsonObject{{"type", "integer"}});
        if (field == "additionalItems")
            return Json(false);
        if (field == "dependencies")
            return JsonArray{"a", "b"};
        return JsonArray{1, "x", JsonObject{{"y", nullptr}}};
    }

    std::map<std::string, int> open_;
    int count_ = 0;
};

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

void compareRoundTrip(const Json& object) {
    const Result<ProtobufForm> form = encodeProtobuf(object);
    QVERIFY2(form.has_value(), form ? "" : form.error().message.c_str());
    const Result<Json> back = decodeProtobuf(form->bytes);
    QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
    if (!sameValue(*back, object))
        QCOMPARE(QString::fromStdString(serializeJson(*back)),
                 QString::fromStdString(serializeJson(object)));
}
} // namespace

class ProtobufEncodeTest : public QObject {
    Q_OBJECT
  private slots:
    void everyKindBothWays_data();
    void everyKindBothWays();
    void everyKindHasAList();
    void bytesAreKubernetes();
    void listsAreTheSumOfTheirItems();
    void eventsAreFramed();
    void refusesWhatNoMessageHolds_data();
    void refusesWhatNoMessageHolds();
    void customKindsHaveNone();
};
ORRERY_TEST(ProtobufEncodeTest)

void ProtobufEncodeTest::everyKindBothWays_data() {
    QTest::addColumn<QString>("apiVersion");
    QTest::addColumn<QString>("kind");
    const KindRegistry kinds;
    for (const KindDef* kind : kinds.all())
        QTest::newRow((kind->apiVersion() + " " + kind->kind).c_str())
            << QString::fromStdString(kind->apiVersion()) << QString::fromStdString(kind->kind);
    for (const char* body : {"autoscaling/v1 Scale", "policy/v1 Eviction", "v1 Binding",
                             "authentication.k8s.io/v1 TokenRequest", "v1 DeleteOptions"}) {
        const QStringList parts = QString(body).split(' ');
        QTest::newRow((std::string("body ") + body).c_str()) << parts[0] << parts[1];
    }
}

void ProtobufEncodeTest::everyKindBothWays() {
    QFETCH(QString, apiVersion);
    QFETCH(QString, kind);
    const KindRegistry kinds;
    const KindDef* def = kinds.bodyKind(apiVersion.toStdString(), kind.toStdString());
    QVERIFY(def);
    const Type* type = Schema::builtIn().find(def->schema);
    QVERIFY(type);
    Json object = Example().of(*type, "");
    setPath(object, "apiVersion", Json(apiVersion.toStdString()));
    setPath(object, "kind", Json(kind.toStdString()));
    compareRoundTrip(object);
}

void ProtobufEncodeTest::everyKindHasAList() {
    const KindRegistry kinds;
    for (const KindDef* kind : kinds.all()) {
        QVERIFY2(hasProtobuf(kind->apiVersion(), kind->kind), kind->kind.c_str());
        if (std::find(kind->verbs.begin(), kind->verbs.end(), "list") != kind->verbs.end())
            QVERIFY2(hasProtobuf(kind->apiVersion(), kind->listKind), kind->kind.c_str());
    }
}

void ProtobufEncodeTest::bytesAreKubernetes() {
    const Json object = *parseJson(
        R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c"},"data":{"k":"v"}})");
    const std::string expected =
        std::string("k8s\0", 4) + bytes(1, bytes(1, "v1") + bytes(2, "ConfigMap")) +
        bytes(2, bytes(1, bytes(1, "c")) + bytes(2, bytes(1, "k") + bytes(2, "v"))) + bytes(3, "") +
        bytes(4, "");
    const Result<ProtobufForm> form = encodeProtobuf(object);
    QVERIFY(form.has_value());
    QCOMPARE(QByteArray::fromStdString(form->bytes), QByteArray::fromStdString(expected));
    QCOMPARE(QByteArray::fromStdString(std::string(form->message())),
             QByteArray::fromStdString(bytes(1, bytes(1, "c")) +
                                       bytes(2, bytes(1, "k") + bytes(2, "v"))));
}

void ProtobufEncodeTest::listsAreTheSumOfTheirItems() {
    ProtobufList list("v1", "ConfigMapList");
    std::string items;
    for (const char* name : {"a", "b"}) {
        const Result<ProtobufForm> item = encodeProtobuf(JsonObject{
            {"kind", "ConfigMap"}, {"apiVersion", "v1"}, {"metadata", JsonObject{{"name", name}}}});
        QVERIFY(item.has_value());
        items += list.itemHead(item->messageSize) + std::string(item->message());
    }
    const Result<std::string> head = list.head(JsonObject{{"resourceVersion", "7"}});
    QVERIFY(head.has_value());
    const Result<Json> whole = decodeProtobuf(*head + items + std::string(ProtobufList::tail()));
    QVERIFY(whole.has_value());
    QCOMPARE(
        QString::fromStdString(serializeJson(*whole)),
        QString(R"({"apiVersion":"v1","kind":"ConfigMapList","metadata":{"resourceVersion":"7"},)"
                R"("items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})"));
}

void ProtobufEncodeTest::eventsAreFramed() {
    const std::string object(300, 'o'); // a length of two bytes
    const std::string event = bytes(1, "ADDED") + bytes(2, bytes(1, object));
    std::string length(4, '\0');
    length[2] = static_cast<char>(event.size() >> 8);
    length[3] = static_cast<char>(event.size() & 255);
    QCOMPARE(QByteArray::fromStdString(protobufEventHead("ADDED", object.size()) + object),
             QByteArray::fromStdString(length + event));
}

void ProtobufEncodeTest::refusesWhatNoMessageHolds_data() {
    QTest::addColumn<QString>("object");
    QTest::newRow("number") << R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":1}})";
    QTest::newRow("list") << R"({"kind":"Pod","apiVersion":"v1","spec":{"containers":{}}})";
    QTest::newRow("base64") << R"({"kind":"Secret","apiVersion":"v1","data":{"a":"!"}})";
    QTest::newRow("time")
        << R"({"kind":"Pod","apiVersion":"v1","metadata":{"creationTimestamp":"noon"}})";
    QTest::newRow("kind") << R"({"kind":"Widget","apiVersion":"example.com/v1"})";
}

void ProtobufEncodeTest::refusesWhatNoMessageHolds() {
    QFETCH(QString, object);
    const Result<ProtobufForm> form = encodeProtobuf(*parseJson(object.toStdString()));
    QVERIFY(!form.has_value());
    QCOMPARE(form.error().httpCode(), 500);
}

void ProtobufEncodeTest::customKindsHaveNone() {
    QVERIFY(!hasProtobuf("example.com/v1", "Widget"));
    QVERIFY(hasProtobuf("meta.k8s.io/v1", "PartialObjectMetadata"));
    QVERIFY(!hasProtobuf("meta.k8s.io/v1", "Table"));
}

#include "protobuf_encode_test.moc"
