#include "tests/unit/controllers/table.h"

namespace orrery::tests {

namespace {
struct Garbage : World {
    Garbage() {
        add(controllers::garbageCollector(graph));
        add(controllers::namespaceController(view, graph));
        start();
    }
    void configMap(const std::string& name, const std::string& owners = "",
                   const std::string& finalizer = "") {
        std::string text =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", uid: uid-" + name;
        if (!owners.empty())
            text += ", ownerReferences: [" + owners + "]";
        if (!finalizer.empty())
            text += ", finalizers: [" + finalizer + "]";
        server.put((*parseYaml(text + "}}"))[0].value);
        settle(100ms);
    }
    void erase(const std::string& name, const std::string& policy) {
        client::Request request;
        request.verb = "delete";
        request.path = {"", "v1", "configmaps", "default", name, ""};
        request.body = Json(JsonObject{{"propagationPolicy", policy}});
        server.send(request, [](Result<client::Response>) {});
        settle(100ms);
    }
    std::vector<std::string> maps() { return server.keys("configmaps"); }
};
std::string owner(const std::string& name, bool blocks = false) {
    return "{apiVersion: v1, kind: ConfigMap, name: " + name + ", uid: uid-" + name +
           (blocks ? ", blockOwnerDeletion: true}" : "}");
}
using Names = std::vector<std::string>;
} // namespace

class GarbageTest : public QObject {
    Q_OBJECT
  private slots:
    void cascades() {
        Garbage world;
        world.configMap("root");
        world.configMap("mid", owner("root"));
        world.configMap("leaf", owner("mid"));
        world.configMap("other-root");
        world.configMap("kept", owner("root") + ", " + owner("other-root"));
        QCOMPARE(world.maps().size(), std::size_t(5));
        world.erase("root", "Background");
        QCOMPARE(world.maps(), Names({"default/kept", "default/other-root"}));
        QCOMPARE(arrayAt(world.server.get("configmaps", "default/kept"), "metadata.ownerReferences")
                     .size(),
                 std::size_t(1));
    }
    void collectsWhatNeverHadAnOwner() {
        Garbage world;
        world.configMap("ghost", owner("nobody"));
        QVERIFY(world.maps().empty());
    }
    void orphans() {
        Garbage world;
        world.configMap("top");
        world.configMap("kid", owner("top"));
        world.erase("top", "Orphan");
        QCOMPARE(world.maps(), Names({"default/kid"}));
        QVERIFY(arrayAt(world.server.get("configmaps", "default/kid"), "metadata.ownerReferences")
                    .empty());
    }
    void waitsInTheForeground() {
        Garbage world;
        world.configMap("fore");
        world.configMap("block", owner("fore", true), "example.com/hold");
        world.configMap("loose", owner("fore"), "example.com/hold");
        world.erase("fore", "Foreground");
        QCOMPARE(world.maps().size(), std::size_t(3));
        QVERIFY(
            !stringAt(world.server.get("configmaps", "default/block"), "metadata.deletionTimestamp")
                 .empty());
        Json block = world.server.get("configmaps", "default/block");
        world.server.remove("configmaps", "default/block");
        world.settle(1s);
        QCOMPARE(world.maps(), Names({"default/loose"}));
        QVERIFY(
            !stringAt(world.server.get("configmaps", "default/loose"), "metadata.deletionTimestamp")
                 .empty());
    }
    void emptiesNamespaces() {
        Garbage world;
        world.server.put((*parseYaml(
            "{apiVersion: v1, kind: Namespace, metadata: {name: default, deletionTimestamp: "
            "2026-01-01T00:00:00Z}, spec: {finalizers: [kubernetes]}, status: {phase: "
            "Terminating}}"))[0]
                             .value);
        world.server.put(
            (*parseYaml("{apiVersion: v1, kind: Pod, metadata: {name: p, finalizers: [a/b]}}"))[0]
                .value);
        world.configMap("free");
        world.settle(1s);
        QCOMPARE(world.maps(), Names({"default/free"})); // pods first
        world.server.remove("pods", "default/p");
        world.configMap("held", "", "example.com/hold");
        world.settle(1s);
        QCOMPARE(world.maps(), Names({"default/held"}));
        const Json namespace_ = world.server.get("namespaces", "default");
        const JsonArray& conditions = arrayAt(namespace_, "status.conditions");
        QCOMPARE(conditions.size(), std::size_t(5));
        QCOMPARE(
            stringAt(conditions[3], "message"),
            std::string_view("Some resources are remaining: configmaps. has 1 resource instances"));
        QCOMPARE(
            stringAt(conditions[4], "message"),
            std::string_view(
                "Some content in the namespace has finalizers remaining: example.com/hold in 1 "
                "resource instances"));
        world.server.remove("configmaps", "default/held");
        world.settle(1s);
        QVERIFY(world.server.get("namespaces", "default").is_null());
    }
};
ORRERY_TEST(GarbageTest)

} // namespace orrery::tests

#include "garbage_test.moc"
