// Custom kinds behind the API server: they come and go with their definitions.
#include "tests/unit/apiserver/world.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
constexpr const char* kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr const char* kBoats = "/apis/sea.example.com/v1/namespaces/ns/boats";
const apiserver::Headers kJson = {{"content-type", "application/json"}};
const apiserver::Headers kMerge = {{"content-type", "application/merge-patch+json"}};

std::string definition(const std::string& specSchema, const std::string& more = "") {
    return R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",)"
           R"("metadata":{"name":"boats.sea.example.com"},"spec":{"group":"sea.example.com",)"
           R"("scope":"Namespaced","names":{"plural":"boats","singular":"boat","kind":"Boat"},)"
           R"("versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},)"
           R"("schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":)" +
           specSchema + "}}}}" + more + "]}}";
}

// What the controller of definitions does.
void establish(World& world) {
    const auto reply = world.http(
        "PATCH", std::string(kDefinitions) + "/boats.sea.example.com/status",
        R"({"status":{"acceptedNames":{"plural":"boats","singular":"boat","kind":"Boat",)"
        R"("listKind":"BoatList"},"conditions":[{"type":"Established","status":"True",)"
        R"("lastTransitionTime":"2026-01-01T00:00:00Z","reason":"A","message":""}]}})",
        kMerge);
    QVERIFY2(reply->code == 200, reply->body.c_str());
}

std::string boat(const std::string& name, const std::string& spec) {
    return R"({"apiVersion":"sea.example.com/v1","kind":"Boat","metadata":{"name":")" + name +
           R"("},"spec":)" + spec + "}";
}

constexpr const char* kSpec =
    R"({"type":"object","properties":{"sails":{"type":"integer","maximum":9}}})";
} // namespace

class CustomKindsTest : public QObject {
    Q_OBJECT
  private slots:
    void areServedOnceEstablished();
    void storedObjectsGetNewDefaults();
    void watchesEndWhenTheKindChanges();
    void definitionsHoldUntilTheyAreEmpty();
    void survivesARestart();
    void saysWhatIsWrongWithABody();
};

void CustomKindsTest::areServedOnceEstablished() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    auto reply = world.http("GET", kBoats);
    QCOMPARE(reply->code, 404);
    QCOMPARE(reply->body, std::string("404 page not found\n"));
    establish(world);
    QCOMPARE(world.http("GET", kBoats)->code, 200);
    reply = world.http("GET", "/apis/sea.example.com/v1");
    QVERIFY2(reply->body.find("\"boats/status\"") != std::string::npos, reply->body.c_str());
    reply = world.http("GET", "/openapi/v3/apis/sea.example.com/v1");
    QVERIFY(reply->body.find("com.example.sea.v1.Boat") != std::string::npos);
    const Json made = world.create(kBoats, boat("a", R"({"sails":3,"odd":1})"));
    QCOMPARE(intAt(made, "metadata.generation"), std::int64_t(1));
    QVERIFY(!findPath(made, "spec.odd"));
    reply = world.http("POST", kBoats, boat("b", R"({"sails":10})"), kJson);
    QCOMPARE(reply->code, 422);
    reply = world.http("PUT", std::string(kBoats) + "/a", boat("a", R"({"sails":4})"), kJson);
    QVERIFY2(reply->body.find("must be specified for an update") != std::string::npos,
             reply->body.c_str());
    reply = world.http("PATCH", std::string(kBoats) + "/a", R"({"spec":{"sails":4}})",
                       {{"content-type", "application/strategic-merge-patch+json"}});
    QCOMPARE(reply->code, 415);
    reply = world.http("PATCH", std::string(kBoats) + "/a/status",
                       R"({"spec":{"sails":5},"status":{}})", kMerge);
    QCOMPARE(intAt(reply->json(), "spec.sails"), std::int64_t(3));
}

void CustomKindsTest::storedObjectsGetNewDefaults() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    establish(world);
    world.create(kBoats, boat("a", "{}"));
    const auto changed = world.http(
        "PATCH", std::string(kDefinitions) + "/boats.sea.example.com",
        serializeJson(JsonObject{
            {"spec",
             JsonObject{{"versions", parsed(definition(R"({"type":"object","properties":{"sails":{)"
                                                       R"("type":"integer","default":2}}})"))
                                         .at("spec")
                                         .at("versions")}}}}),
        kMerge);
    QVERIFY2(changed->code == 200, changed->body.c_str());
    QCOMPARE(intAt(world.http("GET", std::string(kBoats) + "/a")->json(), "spec.sails"),
             std::int64_t(2));
    const Json list = world.http("GET", kBoats)->json();
    QCOMPARE(intAt(arrayAt(list, "items")[0], "spec.sails"), std::int64_t(2));
    // A patch that says nothing writes today's form.
    const std::int64_t before = world.store().revision();
    world.http("PATCH", std::string(kBoats) + "/a", "{}", kMerge);
    QCOMPARE(world.store().revision(), before + 1);
    world.http("PATCH", std::string(kBoats) + "/a", "{}", kMerge);
    QCOMPARE(world.store().revision(), before + 1);
}

void CustomKindsTest::watchesEndWhenTheKindChanges() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    establish(world);
    const auto watch = world.http("GET", std::string(kBoats) + "?watch=1");
    world.create(kBoats, boat("a", "{}"));
    QCOMPARE(watch->lines().size(), std::size_t(1));
    QVERIFY(!watch->ended);
    world.http("PATCH", std::string(kDefinitions) + "/boats.sea.example.com",
               R"({"spec":{"names":{"shortNames":["bt"]}}})", kMerge);
    QVERIFY(watch->ended);
    QCOMPARE(watch->lines().size(), std::size_t(1));
}

void CustomKindsTest::definitionsHoldUntilTheyAreEmpty() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    establish(world);
    world.create(kBoats, boat("a", "{}"));
    const std::string path = std::string(kDefinitions) + "/boats.sea.example.com";
    auto reply = world.http("DELETE", path);
    QCOMPARE(reply->code, 200);
    QVERIFY2(reply->body.find("customresourcecleanup.apiextensions.k8s.io") != std::string::npos &&
                 reply->body.find("InstanceDeletionPending") != std::string::npos,
             reply->body.c_str());
    // Its finalizer has a name that other built-in kinds would refuse.
    reply =
        world.http("PATCH", path + "/status", R"({"status":{"storedVersions":["v1"]}})", kMerge);
    QVERIFY2(reply->code == 200, reply->body.c_str());
    reply = world.http("PATCH", path, R"({"metadata":{"labels":{"a":"b"}}})", kMerge);
    QVERIFY2(reply->code == 200, reply->body.c_str());
    reply = world.http("POST", kBoats, boat("b", "{}"), kJson);
    QCOMPARE(reply->code, 405);
    QCOMPARE(world.http("GET", std::string(kBoats) + "/a")->code, 200);
    QCOMPARE(world.http("DELETE", std::string(kBoats) + "/a")->code, 200);
    reply = world.http("PATCH", path, R"({"metadata":{"finalizers":[]}})", kMerge);
    QCOMPARE(reply->code, 200);
    QCOMPARE(world.http("GET", path)->code, 404);
    QCOMPARE(world.http("GET", kBoats)->code, 404);
    QCOMPARE(world.http("GET", "/apis/sea.example.com")->code, 404);
}

void CustomKindsTest::survivesARestart() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    establish(world);
    world.create(kBoats, boat("a", R"({"sails":1})"));
    api::KindRegistry kinds; // another server on the same store
    apiserver::ApiServer again(world.sim().env(), world.store(), kinds, apiserver::ServerOptions());
    QVERIFY(kinds.byResource("sea.example.com", "v1", "boats"));
    const auto client = again.clientFor({"tester", {}, "", {}});
    client::Request request;
    request.verb = "get";
    request.path = {"sea.example.com", "v1", "boats", "ns", "a", ""};
    std::int64_t sails = 0;
    client->send(std::move(request), [&sails](Result<client::Response> response) {
        if (response)
            sails = intAt(response->object->tree(), "spec.sails");
    });
    world.sim().runPosted();
    QCOMPARE(sails, std::int64_t(1));
}

void CustomKindsTest::saysWhatIsWrongWithABody() {
    World world;
    world.createNamespace("ns");
    world.create(kDefinitions, definition(kSpec));
    establish(world);
    struct Row {
        const char *body, *message;
        int code;
    };
    const Row rows[] = {
        {R"({"apiVersion":"sea.example.com/v1","kind":"Ship","metadata":{"name":"a"}})",
         R"(kind: Invalid value: \"Ship\": must be Boat)", 422},
        {R"({"apiVersion":"sea.example.com/v2","kind":"Boat","metadata":{"name":"a"}})",
         "the API version in the data (sea.example.com/v2) does not match the expected API version "
         "(sea.example.com/v1)",
         400},
        {R"({"metadata":{"name":"a"}})", "Object 'Kind' is missing in", 400},
    };
    for (const Row& row : rows) {
        const auto reply = world.http("POST", kBoats, row.body, kJson);
        QVERIFY2(reply->code == row.code && reply->body.find(row.message) != std::string::npos,
                 reply->body.c_str());
    }
}

ORRERY_TEST(CustomKindsTest)
#include "custom_kinds_test.moc"
