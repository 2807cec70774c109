#include "core/api/defaults.h"
#include "core/api/object.h"
#include "core/api/schema.h"
#include "core/api/views/rows.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
const KindDef& kindOf(std::string_view group, std::string_view kind) {
    static const KindRegistry kinds;
    const KindDef* found = kinds.byKind(group, "v1", kind);
    ORRERY_ASSERT(found);
    return *found;
}
Json parsed(std::string_view text) {
    Result<Json> value = parseJson(text);
    ORRERY_ASSERT(value.has_value());
    return std::move(*value);
}
std::string decoded(std::string_view group, std::string_view kind, std::string_view text) {
    Result<Decoded> result =
        decodeObject(kindOf(group, kind), parsed(text), FieldValidation::Ignore, text);
    return result ? serializeJson(result->object) : result.error().message;
}
QString q(const std::string& text) {
    return QString::fromStdString(text);
}
} // namespace

class SchemaTest : public QObject {
    Q_OBJECT
  private slots:
    void knowsMergeFacts();
    void everyKindHasItsType();
    void everyViewRowIsAField();
    void refusesLikeGo_data();
    void refusesLikeGo();
    void canonicalises_data();
    void canonicalises();
    void reportsUnknownAndDuplicates();
    void convertsEvents();
    void decodesAPodFast();
};

void SchemaTest::knowsMergeFacts() {
    const Type* container = Schema::builtIn().find("io.k8s.api.core.v1.Container");
    QVERIFY(container);
    const Field* ports = container->field("ports");
    QVERIFY(ports && ports->type->kind == TypeKind::List);
    QCOMPARE(ports->listMerge, ListMerge::Map);
    QCOMPARE(ports->listMapKeys, (std::vector<std::string>{"containerPort", "protocol"}));
    QCOMPARE(q(ports->patchMergeKey), QStringLiteral("containerPort"));
    QVERIFY(ports->patchMerge);
    QVERIFY(!container->field("port"));
    const Type* pod = Schema::builtIn().find("io.k8s.api.core.v1.Pod");
    QCOMPARE(typeAt(*pod, "spec.containers.ports"), ports->type);
    const Field* strategy =
        Schema::builtIn().find("io.k8s.api.apps.v1.DeploymentSpec")->field("strategy");
    QVERIFY(strategy->patchRetainKeys && !strategy->pointer);
}

void SchemaTest::everyKindHasItsType() {
    const KindRegistry kinds;
    QVERIFY(kinds.all().size() > 60);
    for (const KindDef* kind : kinds.all())
        QVERIFY2(Schema::builtIn().find(kind->schema), kind->kind.c_str());
    QCOMPARE(q(kinds.all().front()->plural), QStringLiteral("bindings"));
    QCOMPARE(q(kindOf("", "Pod").key("default", "web")),
             QStringLiteral("/registry/pods/default/web"));
    QCOMPARE(q(kindOf("", "Node").key("", "w1")), QStringLiteral("/registry/minions/w1"));
    QCOMPARE(q(kinds.byUserName("deploy")->kind), QStringLiteral("Deployment"));
    QCOMPARE(q(kinds.byUserName("Events.events.k8s.io")->group), QStringLiteral("events.k8s.io"));
    QCOMPARE(q(kinds.byUserName("hpa")->version), QStringLiteral("v2"));
    QVERIFY(kinds.bodyKind("autoscaling/v1", "Scale"));
}

void SchemaTest::everyViewRowIsAField() {
    for (const views::Table* table : views::allTables()) {
        const Type* type = Schema::builtIn().find(table->type);
        QVERIFY2(type, std::string(table->type).c_str());
        for (const views::Row& row : table->rows)
            QVERIFY2(type->field(row.field),
                     (std::string(table->type) + "." + std::string(row.field)).c_str());
    }
}

void SchemaTest::refusesLikeGo_data() {
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("error");
    QTest::newRow("map") << ""
                         << "ConfigMap"
                         << R"({"data":[]})"
                         << "json: cannot unmarshal array into Go struct field ConfigMap.data of "
                            "type map[string]string";
    QTest::newRow("map value")
        << ""
        << "ConfigMap"
        << R"({"data":{"a":{}}})"
        << "json: cannot unmarshal object into Go struct field ConfigMap.data of type string";
    QTest::newRow("nested") << ""
                            << "ConfigMap"
                            << R"({"metadata":{"labels":[]}})"
                            << "json: cannot unmarshal array into Go struct field "
                               "ObjectMeta.metadata.labels of type map[string]string";
    QTest::newRow("bool")
        << ""
        << "ConfigMap"
        << R"({"immutable":"yes"})"
        << "json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool";
    QTest::newRow("int or string") << "policy"
                                   << "PodDisruptionBudget"
                                   << R"({"spec":{"minAvailable":1.5}})"
                                   << "json: cannot unmarshal number 1.5 into Go struct field "
                                      "PodDisruptionBudgetSpec.spec.minAvailable of type int32";
    QTest::newRow("list") << "batch"
                          << "CronJob"
                          << R"({"status":{"active":3}})"
                          << "json: cannot unmarshal number into Go struct field "
                             "CronJobStatus.status.active of type []v1.ObjectReference";
    QTest::newRow("base64") << ""
                            << "Secret"
                            << R"({"data":{"a":"abc"}})"
                            << "illegal base64 data at input byte 0";
    QTest::newRow("quantity") << ""
                              << "ResourceQuota"
                              << R"({"spec":{"hard":{"cpu":"many"}}})"
                              << "quantities must match the regular expression "
                                 "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    QTest::newRow("time")
        << ""
        << "ConfigMap"
        << R"({"metadata":{"creationTimestamp":"today"}})"
        << R"(parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006")";
}

void SchemaTest::refusesLikeGo() {
    QFETCH(QString, group);
    QFETCH(QString, kind);
    QFETCH(QString, body);
    QFETCH(QString, error);
    const std::string name = kind.toStdString();
    QCOMPARE(q(decoded(group.toStdString(), name, body.toStdString())),
             kind + " in version \"v1\" cannot be handled as a " + kind + ": " + error);
}

void SchemaTest::canonicalises_data() {
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("result");
    QTest::newRow("quantities")
        << ""
        << "ResourceQuota"
        << R"({"spec":{"hard":{"cpu":"0.5","memory":"1024Mi","pods":10}}})"
        << R"({"kind":"ResourceQuota","apiVersion":"v1","spec":{"hard":{"cpu":"500m","memory":"1Gi","pods":"10"}},"metadata":{},"status":{}})";
    QTest::newRow("pointers keep zeros")
        << "apps"
        << "Deployment"
        << R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"","creationTimestamp":null},"spec":{"replicas":0,"minReadySeconds":0,"selector":{},"template":{"metadata":{},"spec":{"containers":[]}}}})"
        << R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"replicas":0,"selector":{},"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}})";
    QTest::newRow("unknown")
        << ""
        << "ConfigMap"
        << R"({"data":{"a":null,"b":""},"extra":true})"
        << R"({"kind":"ConfigMap","apiVersion":"v1","data":{"a":"","b":""},"metadata":{}})";
    QTest::newRow("times")
        << "coordination.k8s.io"
        << "Lease"
        << R"({"spec":{"renewTime":"2026-01-02T03:04:05+01:00"}})"
        << R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","spec":{"renewTime":"2026-01-02T02:04:05.000000Z"},"metadata":{}})";
}

void SchemaTest::canonicalises() {
    QFETCH(QString, group);
    QFETCH(QString, kind);
    QFETCH(QString, body);
    QFETCH(QString, result);
    QCOMPARE(q(decoded(group.toStdString(), kind.toStdString(), body.toStdString())), result);
}

void SchemaTest::reportsUnknownAndDuplicates() {
    const std::string_view text =
        R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice","name":"again",)"
        R"("lables":{"a":"b"}},"data":{"a":"1","a":"2"},"extra":true})";
    Result<Decoded> warned =
        decodeObject(kindOf("", "ConfigMap"), parsed(text), FieldValidation::Warn, text);
    QVERIFY(warned.has_value());
    QCOMPARE(warned->warnings,
             (std::vector<std::string>{"duplicate field \"metadata.name\"",
                                       "unknown field \"metadata.lables\"",
                                       "duplicate field \"data.a\"", "unknown field \"extra\""}));
    QCOMPARE(q(std::string(stringAt(warned->object, "metadata.name"))), QStringLiteral("again"));
    const std::string_view pod =
        R"({"spec":{"containers":[{"name":"w","imagePullPolice":"x","ports":[{"hostport":2}]}],"contaners":[]}})";
    Result<Decoded> refused =
        decodeObject(kindOf("", "Pod"), parsed(pod), FieldValidation::Strict, pod);
    QVERIFY(!refused.has_value());
    QCOMPARE(q(refused.error().message),
             QStringLiteral(
                 "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: "
                 "unknown field \"spec.containers[0].imagePullPolice\", unknown field "
                 "\"spec.containers[0].ports[0].hostport\", unknown field \"spec.contaners\""));
}

void SchemaTest::convertsEvents() {
    const KindRegistry kinds;
    const KindDef& core = *kinds.byKind("", "v1", "Event");
    const KindDef& events = *kinds.byKind("events.k8s.io", "v1", "Event");
    QCOMPARE(q(events.key("d", "e")), q(core.key("d", "e")));
    const Json stored = std::move(decodeObject(core, parsed(R"({"metadata":{"name":"e"},
        "involvedObject":{"kind":"Pod","name":"p"},"reason":"Started","message":"m","count":2,
        "source":{"component":"kubelet"},"firstTimestamp":"2026-01-02T03:04:05Z","type":"Normal"})"),
                                               FieldValidation::Strict)
                                      ->object);
    const Json other = convertVersion(core, events, stored);
    QCOMPARE(stringAt(other, "regarding.name"), std::string_view("p"));
    QCOMPARE(stringAt(other, "note"), std::string_view("m"));
    QCOMPARE(intAt(other, "deprecatedCount"), std::int64_t(2));
    QVERIFY(!find(other, "message") && !find(other, "reportingComponent"));
    const Json back = convertVersion(events, core, other);
    QVERIFY(back == stored);
}

// Not a timed test: prints what one pass costs, and checks that it is idempotent.
void SchemaTest::decodesAPodFast() {
    const Json pod =
        parsed(R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-1","namespace":"d",
        "labels":{"app":"web","tier":"front"},"annotations":{"a":"b"},"ownerReferences":[{"apiVersion":"apps/v1",
        "kind":"ReplicaSet","name":"web","uid":"u","controller":true}]},"spec":{"containers":[{"name":"a",
        "image":"nginx:1.27","ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"A","value":"1"}],
        "resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"1","memory":"128Mi"}},
        "readinessProbe":{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,
        "successThreshold":1,"failureThreshold":3},"volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[
        {"name":"v","emptyDir":{}}],"restartPolicy":"Always","dnsPolicy":"ClusterFirst","securityContext":{},
        "tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},
        "status":{"phase":"Pending"}})");
    const Type& type = *Schema::builtIn().find("io.k8s.api.core.v1.Pod");
    Json once = pod;
    NormaliseReport report;
    normalise(type, once, report);
    QCOMPARE(q(report.error), QString());
    Json twice = once;
    normalise(type, twice, report);
    QCOMPARE(q(serializeJson(twice)), q(serializeJson(once)));
    QBENCHMARK {
        normalise(type, twice, report);
    }
    Pod view;
    decode(once, view);
    QCOMPARE(view.requests(), (ResourceList{{"cpu", 100}, {"memory", 64 << 20}}));
}

ORRERY_TEST(SchemaTest)
#include "schema_test.moc"
