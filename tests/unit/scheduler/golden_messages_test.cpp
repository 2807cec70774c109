// The sentences of a real v1.36 scheduler: situations with nodes, pods and objects, and the message
// that came of it. $ORRERY_GOLDEN names the folder of the recordings; without it these cases are
// skipped.
#include "tests/unit/scheduler/world.h"

using namespace orrery;
using namespace orrery::tests;

class GoldenMessagesTest : public QObject {
    Q_OBJECT
  private slots:
    void says_data();
    void says();

  private:
    Json cases_;
};
ORRERY_TEST(GoldenMessagesTest)

namespace {

// What the API server does to a pod before the scheduler sees it.
Json admitted(Json pod, const Json& objects) {
    setPath(pod, "spec.schedulerName", "default-scheduler");
    setPath(pod, "status.phase", "Pending");
    for (Json& container : pod.as_object()["spec"].as_object()["containers"].as_array())
        for (const auto& limit : objectAt(container, "resources.limits")) {
            Json& requests = ensurePath(container, "resources.requests");
            if (!requests.is_object())
                requests = JsonObject();
            if (!find(requests, limit.key()))
                requests.as_object()[limit.key()] = limit.value();
        }
    std::int64_t priority = 0;
    if (objects.is_array())
        for (const Json& object : objects.get_array())
            if (find(object, "value") &&
                stringAt(object, "metadata.name") == stringAt(pod, "spec.priorityClassName")) {
                priority = intAt(object, "value");
                if (const Json* policy = find(object, "preemptionPolicy"))
                    setPath(pod, "spec.preemptionPolicy", *policy);
            }
    setPath(pod, "spec.priority", priority);
    return pod;
}

// Claims of classes that bind at once are bound as the volume controller would.
void putObjects(World& world, const JsonArray& objects) {
    const Json* volume = nullptr;
    bool waits = false;
    for (const Json& object : objects) {
        if (find(object, "provisioner")) {
            world.api.put("storageclasses.storage.k8s.io", object);
            waits = true;
        } else if (findPath(object, "spec.capacity")) {
            world.api.put("persistentvolumes", object);
            volume = &object;
        }
    }
    for (const Json& object : objects)
        if (findPath(object, "spec.resources")) {
            Json claim = object;
            if (volume && !waits) {
                setPath(claim, "spec.volumeName", Json(stringAt(*volume, "metadata.name")));
                setPath(claim, "metadata.annotations",
                        JsonObject{{"pv.kubernetes.io/bind-completed", "yes"}});
            }
            world.api.put("persistentvolumeclaims", claim);
        }
}

} // namespace

void GoldenMessagesTest::says_data() {
    QTest::addColumn<int>("index");
    const QByteArray folder = qgetenv("ORRERY_GOLDEN");
    if (folder.isEmpty())
        return;
    QFile file(QString::fromLocal8Bit(folder) + "/loops/messages.json");
    QVERIFY2(file.open(QIODevice::ReadOnly), "ORRERY_GOLDEN has no loops/messages.json");
    const QByteArray text = file.readAll();
    cases_ = json(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    int index = 0;
    for (const Json& one : cases_.as_array())
        QTest::newRow(std::string(stringAt(one, "situation")).c_str()) << index++;
}

void GoldenMessagesTest::says() {
    if (qgetenv("ORRERY_GOLDEN").isEmpty())
        QSKIP("ORRERY_GOLDEN is not set: the recorded messages are not compared");
    QFETCH(int, index);
    const Json& one = cases_.as_array()[static_cast<std::size_t>(index)];
    World world;
    for (const Json& node : arrayAt(one, "nodes"))
        world.api.put("nodes", node);
    const Json* objects = find(one, "objects");
    const Json none;
    putObjects(world, arrayAt(one, "objects"));
    for (const Json& pod : arrayAt(one, "pods"))
        world.api.put("pods", admitted(pod, objects ? *objects : none));
    world.api.put("pods", admitted(one.as_object().at("pod"), objects ? *objects : none));
    world.start();
    QCOMPARE(world.reasonOf("p"), std::string(stringAt(one, "reason")));
    QCOMPARE(world.messageOf("p"), std::string(stringAt(one, "message")));
    if (const Json* nominated = find(one, "nominatedNodeName"))
        QCOMPARE(
            std::string(stringAt(world.api.get("pods", "default/p"), "status.nominatedNodeName")),
            std::string(asString(*nominated)));
    const bool gated = stringAt(one, "reason") == "SchedulingGated";
    QCOMPARE(world.api.eventsOf("p").size(), gated ? std::size_t(0) : std::size_t(1));
}

#include "golden_messages_test.moc"
