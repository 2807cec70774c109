// What others than readers of JSON get: protobuf objects, lists and watches, and that each is made
// once.
#include "core/apiserver/forms.h"

#include "core/api/protobuf.h"
#include "tests/unit/apiserver/world.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
const std::string kMaps = "/api/v1/namespaces/ns/configmaps";
const apiserver::Headers kProtobuf = {{"accept", "application/vnd.kubernetes.protobuf"}};

std::string header(const Reply& reply, const std::string& name) {
    for (const auto& [each, value] : reply.headers)
        if (each == name)
            return value;
    return "";
}

Json decoded(const std::string& body) {
    Result<Json> object = api::decodeProtobuf(body);
    if (!object)
        qFatal("no protobuf: %s", object.error().message.c_str());
    return *std::move(object);
}

// The frames of a watch: the type of each event and its object.
std::vector<std::pair<std::string, Json>> events(const std::string& body) {
    std::vector<std::pair<std::string, Json>> out;
    for (std::size_t at = 0; at + 4 <= body.size();) {
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i)
            size = size << 8 | static_cast<unsigned char>(body[at + i]);
        const std::string frame = body.substr(at + 4, size);
        const auto length = static_cast<unsigned char>(frame[1]);
        out.emplace_back(frame.substr(2, length), decoded(frame.substr(frame.find("k8s"))));
        at += 4 + size;
    }
    return out;
}

void make(World& world, const std::string& name) {
    world.create(kMaps, R"({"metadata":{"name":")" + name + R"("},"data":{"k":"v"}})");
}
} // namespace

class FormsTest : public QObject {
    Q_OBJECT
  private slots:
    void objectsAndErrors();
    void lists();
    void metadataAlone();
    void watches();
    void wrongShapes_data();
    void wrongShapes();
    void documents();
    void madeOnce();
    void keepsTheNewest();
    void tablesAge();
};
ORRERY_TEST(FormsTest)

void FormsTest::objectsAndErrors() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const auto one = world.http("GET", kMaps + "/a", {}, kProtobuf);
    QCOMPARE(header(*one, "Content-Type"), std::string("application/vnd.kubernetes.protobuf"));
    const Json object = decoded(one->body);
    QCOMPARE(stringAt(object, "kind"), std::string_view("ConfigMap"));
    QCOMPARE(stringAt(object, "data.k"), std::string_view("v"));
    const auto none = world.http("GET", kMaps + "/b", {}, kProtobuf);
    QCOMPARE(none->code, 404);
    QCOMPARE(stringAt(decoded(none->body), "reason"), std::string_view("NotFound"));
    // Who accepts no form that a Status has gets readable JSON.
    const auto table = world.http("GET", kMaps + "/b", {},
                                  {{"accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
    QVERIFY(table->body.starts_with("{\n  \"kind\": \"Status\""));
}

void FormsTest::lists() {
    World world;
    world.createNamespace("ns");
    QVERIFY(arrayAt(decoded(world.http("GET", kMaps, {}, kProtobuf)->body), "items").empty());
    for (const char* name : {"a", "b", "c"})
        make(world, name);
    const Json list = decoded(world.http("GET", kMaps + "?limit=2", {}, kProtobuf)->body);
    QCOMPARE(stringAt(list, "kind"), std::string_view("ConfigMapList"));
    QCOMPARE(arrayAt(list, "items").size(), std::size_t(2));
    QCOMPARE(stringAt(arrayAt(list, "items").at(1), "metadata.name"), std::string_view("b"));
    QVERIFY(!stringAt(list, "metadata.continue").empty());
    QCOMPARE(intAt(list, "metadata.remainingItemCount"), std::int64_t(1));
}

void FormsTest::metadataAlone() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    for (const char* version : {"v1", "v1beta1"}) {
        const std::string accept = "application/vnd.kubernetes.protobuf;as="
                                   "PartialObjectMetadataList;g=meta.k8s.io;v=" +
                                   std::string(version);
        const Json list = decoded(world.http("GET", kMaps, {}, {{"accept", accept}})->body);
        QCOMPARE(stringAt(list, "apiVersion"), "meta.k8s.io/" + std::string(version));
        const Json& item = arrayAt(list, "items").at(0);
        QCOMPARE(stringAt(item, "metadata.name"), std::string_view("a"));
        QVERIFY(!find(item, "data"));
    }
}

void FormsTest::watches() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const auto watch = world.http("GET", kMaps + "?watch=1", {}, kProtobuf);
    QCOMPARE(header(*watch, "Content-Type"),
             std::string("application/vnd.kubernetes.protobuf;stream=watch"));
    make(world, "b");
    world.http("DELETE", kMaps + "/a");
    std::string story;
    for (const auto& [type, object] : events(watch->body))
        story += type + " " + std::string(stringAt(object, "metadata.name")) + ", ";
    QCOMPARE(story, std::string("ADDED a, ADDED b, DELETED a, "));
    const auto yaml = world.http("GET", kMaps + "?watch=1", {}, {{"accept", "application/yaml"}});
    QCOMPARE(yaml->code, 406);
}

void FormsTest::wrongShapes_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("as");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("message");
    QTest::newRow("list") << ""
                          << "PartialObjectMetadata" << 406
                          << "you requested PartialObjectMetadata, but the requested object is a "
                             "list (*core.ConfigMapList)";
    QTest::newRow("one") << "/a"
                         << "PartialObjectMetadataList" << 406
                         << "you requested PartialObjectMetadataList, but the requested object is "
                            "not a list (*core.ConfigMap)";
    QTest::newRow("include") << "/a?includeObject=Sometimes"
                             << "Table" << 400
                             << "Unable to convert to Table as requested: includeObject: Invalid "
                                "value: \"Sometimes\": must be 'Metadata', 'Object', 'None', or "
                                "empty";
}

void FormsTest::wrongShapes() {
    QFETCH(QString, target);
    QFETCH(QString, as);
    QFETCH(int, code);
    QFETCH(QString, message);
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const auto reply =
        world.http("GET", kMaps + target.toStdString(), {},
                   {{"accept", "application/json;g=meta.k8s.io;v=v1;as=" + as.toStdString()}});
    QCOMPARE(reply->code, code);
    QCOMPARE(QString::fromStdString(std::string(stringAt(reply->json(), "message"))), message);
}

void FormsTest::documents() {
    World world;
    const std::string aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;"
                                   "as=APIGroupDiscoveryList";
    const auto first = world.http("GET", "/apis", {}, {{"accept", aggregated}});
    QCOMPARE(header(*first, "Content-Type"), aggregated);
    const std::string etag = header(*first, "Etag");
    QVERIFY(etag.size() > 2);
    const auto again =
        world.http("GET", "/apis", {}, {{"accept", aggregated}, {"if-none-match", etag}});
    QCOMPARE(again->code, 304);
    QVERIFY(again->body.empty());
    QCOMPARE(
        stringAt(decoded(world.http("GET", "/apis/apps/v1", {}, kProtobuf)->body), "groupVersion"),
        std::string_view("apps/v1"));
    const Json core = world.http("GET", "/api/v1")->json();
    for (const Json& resource : arrayAt(core, "resources"))
        if (stringAt(resource, "name") == "pods")
            QCOMPARE(stringAt(resource, "storageVersionHash"), std::string_view("xPOwRZ+Yhw8="));
    const Json index = world.http("GET", "/openapi/v3")->json();
    const std::string url(stringAt(index.at("paths").at("apis/apps/v1"), "serverRelativeURL"));
    const auto hashed = world.http("GET", url);
    QCOMPARE(header(*hashed, "Cache-Control"), std::string("public, immutable"));
    QCOMPARE(world.http("GET", "/openapi/v3/apis/apps/v1?hash=1")->code, 301);
    QCOMPARE(world.http("GET", "/openapi/v3/apis/nothing/v1")->code, 404);
    QCOMPARE(world.http("GET", "/openapi/v2", {}, {{"accept", "text/html"}})->code, 406);
}

void FormsTest::madeOnce() {
    const api::KindRegistry kinds;
    const api::KindDef& kind = *kinds.byKind("", "v1", "ConfigMap");
    const auto object = std::make_shared<const Encoded>(
        std::string(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}})"));
    apiserver::Forms forms;
    apiserver::Forms::Wish wish;
    wish.media = apiserver::Representation::Media::Protobuf;
    const auto first = forms.of(kind, object, wish, Time());
    for (int watcher = 0; watcher < 100; ++watcher)
        QCOMPARE((*forms.of(kind, object, wish, Time()))->bytes.data(), (*first)->bytes.data());
    QCOMPARE(forms.made(), std::uint64_t(1));
    wish.shape = apiserver::Representation::Shape::Partial;
    QVERIFY(forms.of(kind, object, wish, Time()).has_value());
    QCOMPARE(forms.made(), std::uint64_t(2));
}

void FormsTest::keepsTheNewest() {
    const api::KindRegistry kinds;
    const api::KindDef& kind = *kinds.byKind("", "v1", "ConfigMap");
    apiserver::Forms forms(20'000);
    apiserver::Forms::Wish wish;
    wish.media = apiserver::Representation::Media::Protobuf;
    EncodedPtr last;
    for (int i = 0; i < 100; ++i) {
        last = std::make_shared<const Encoded>(
            R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":")" + std::to_string(i) +
            R"("},"data":{"k":")" + std::string(500, 'x') + "\"}}");
        QVERIFY(forms.of(kind, last, wish, Time()).has_value());
        QVERIFY(forms.bytesKept() <= 20'000);
    }
    const std::uint64_t made = forms.made();
    QVERIFY(forms.of(kind, last, wish, Time()).has_value());
    QCOMPARE(forms.made(), made);
}

void FormsTest::tablesAge() {
    const api::KindRegistry kinds;
    const api::KindDef& kind = *kinds.byKind("", "v1", "ConfigMap");
    const auto object = std::make_shared<const Encoded>(
        std::string(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a",)"
                    R"("creationTimestamp":"2024-01-01T00:00:00Z"}})"));
    apiserver::Forms forms;
    apiserver::Forms::Wish wish;
    wish.shape = apiserver::Representation::Shape::Table;
    const Time made = *parseTime("2024-01-01T00:00:05Z");
    const auto age = [&](Time now) { return (*forms.of(kind, object, wish, now))->bytes; };
    QVERIFY(age(made).find("\"5s\"") != std::string::npos);
    QVERIFY(age(made + std::chrono::seconds(2)).find("\"7s\"") != std::string::npos);
    QCOMPARE(forms.made(), std::uint64_t(2));
}

#include "forms_test.moc"
