// Rules of pods: what is refused or warned about when one is made, and what an update may change.
#include <fstream>

#include "core/api/defaults.h"
#include "core/api/go_internal.h"
#include "core/api/object.h"
#include "core/api/patch.h"
#include "core/api/validation/validation.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
Json json(std::string_view text) {
    Result<Json> parsed = parseJson(text);
    if (!parsed)
        qFatal("%s in %s", parsed.error().message.c_str(), std::string(text).c_str());
    return std::move(*parsed);
}

const KindDef& podKind() {
    static const KindRegistry kinds;
    return *kinds.byResource("", "v1", "pods");
}

// As it is stored: decoded, defaulted, prepared.
Json podOf(Json raw) {
    JsonObject& object = raw.get_object();
    object["apiVersion"] = "v1";
    object["kind"] = "Pod";
    setPath(raw, "metadata.namespace", Json("default"));
    Result<Decoded> decoded = decodeObject(podKind(), std::move(raw), FieldValidation::Ignore);
    if (!decoded)
        qFatal("%s", decoded.error().message.c_str());
    Json pod = std::move(decoded->object);
    applyDefaults(podKind(), pod);
    setPath(pod, "metadata.uid", Json("u1"));
    setPath(pod, "metadata.creationTimestamp", Json("2026-01-01T00:00:00Z"));
    setPath(pod, "spec.serviceAccountName", Json("default")); // admission's part
    prepareForCreate(podKind(), pod);
    return pod;
}

QStringList told(const FieldErrors& errors) {
    QStringList out;
    for (const FieldError& error : errors)
        out << QString::fromStdString(error.field + ": " + error.message);
    return out;
}

QStringList listed(const Json& row, std::string_view member) {
    QStringList out;
    for (const Json& item : arrayAt(row, member))
        out << QString::fromUtf8(asString(item).data(), static_cast<int>(asString(item).size()));
    return out;
}

const char* const kPod = R"({"metadata":{"name":"p"},"spec":{
    "containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"100m"}}}],
    "initContainers":[{"name":"in","image":"i:1"}],
    "tolerations":[{"key":"t","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}]}})";
const char* const kGated = R"({"metadata":{"name":"p"},"spec":{"nodeSelector":{"a":"b"},
    "schedulingGates":[{"name":"g"}],"containers":[{"name":"c","image":"i:1"}]}})";

struct Change {
    const char *pod, *part, *patch;
    QStringList expect;
};

QStringList causesOf(const Change& change) {
    const Json old = podOf(json(change.pod));
    const Json changed = applyMergePatch(old, json(change.patch));
    std::vector<std::string> unknown;
    Json pod = *normaliseObject(podKind(), changed, unknown);
    applyDefaults(podKind(), pod);
    prepareForUpdate(podKind(), change.part, pod, old);
    return told(validateUpdate(podKind(), pod, old, change.part));
}
} // namespace

class PodRulesTest : public QObject {
    Q_OBJECT
  private slots:
    void creations();
    void changes();
    void differences();
};

void PodRulesTest::creations() {
    std::ifstream rows(ORRERY_SOURCE_DIR "/tests/unit/api/pod_rules.jsonl");
    std::string line;
    int count = 0, wrong = 0;
    while (std::getline(rows, line)) {
        const Json row = json(line);
        const Json pod = podOf(*find(row, "pod"));
        ++count;
        const QStringList causes = told(validateCreate(podKind(), pod));
        QStringList warnings;
        if (causes.isEmpty())
            for (const std::string& each : podKind().strategy.warnings(pod, nullptr))
                warnings << QString::fromStdString(each);
        if (causes == listed(row, "causes") && warnings == listed(row, "warnings"))
            continue;
        ++wrong;
        qWarning("%s\n  want %s\n  got  %s", line.c_str(),
                 qPrintable((listed(row, "causes") + listed(row, "warnings")).join(" | ")),
                 qPrintable((causes + warnings).join(" | ")));
    }
    QVERIFY(count > 300);
    QCOMPARE(wrong, 0);
}

void PodRulesTest::changes() {
    const QString kRequests = "spec.containers[0].resources.requests: Forbidden: resource requests "
                              "cannot be removed";
    const Change changes[] = {
        {kPod, "", R"({"spec":{"activeDeadlineSeconds":5}})", {}},
        {kPod, "", R"({"spec":{"initContainers":[{"name":"in","image":"i:2"}]}})", {}},
        {kPod,
         "",
         R"({"spec":{"tolerations":[]}})",
         {"spec.tolerations: Forbidden: existing toleration can not be modified except its "
          "tolerationSeconds"}},
        {kPod,
         "",
         R"({"spec":{"initContainers":null}})",
         {"spec.initContainers: Forbidden: pod updates may not add or remove containers"}},
        {kPod,
         "",
         R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"z"}}})",
         {"metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"z\": must set "
          "spec.nodeName if mirror pod annotation is set",
          "metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod "
          "annotation",
          "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"z\": must set "
          "spec.nodeName if mirror pod annotation is set"}},
        {kGated, "", R"({"spec":{"nodeSelector":{"a":"b","c":"d"}}})", {}},
        {kGated,
         "",
         R"({"spec":{"nodeSelector":{"a":"x"}}})",
         {"spec.nodeSelector: Invalid value: {\"a\":\"x\"}: only additions to spec.nodeSelector "
          "are allowed (no mutations or deletions)"}},
        {kPod,
         "ephemeralcontainers",
         R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i"}],
            "activeDeadlineSeconds":3}})",
         {}},
        {kPod,
         "ephemeralcontainers",
         R"({"spec":{"ephemeralContainers":[{"name":"c","image":"i"}]}})",
         {"spec.ephemeralContainers[0].name: Duplicate value: \"c\""}},
        {kPod,
         "resize",
         R"({"spec":{"containers":[{"name":"c","image":"other",
            "resources":{"requests":{"cpu":"2"}}}]}})",
         {}},
        {kPod,
         "resize",
         R"({"spec":{"containers":[{"name":"c","image":"i:1","resources":{}}]}})",
         {"spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of "
          "resizing",
          kRequests}},
        {kPod,
         "resize",
         R"({"spec":{"containers":[{"name":"c","image":"i:1",
            "resources":{"requests":{"cpu":"1","ephemeral-storage":"1Gi"}}}]}})",
         {"spec: Forbidden: only cpu and memory resources are mutable"}},
        {kPod,
         "resize",
         R"({"spec":{"containers":[{"name":"z","image":"i:1"},{"name":"c","image":"i:1"}]}})",
         {"spec.containers: Forbidden: containers may not be added or removed on resize"}},
        {kPod, "status", R"({"status":{"qosClass":null,"podIP":"1.2.3.4"}})", {}},
        {kPod,
         "status",
         R"({"status":{"qosClass":"Guaranteed"}})",
         {"status.qosClass: Invalid value: \"Guaranteed\": field is immutable"}},
        {kPod,
         "status",
         R"({"status":{"podIPs":[{"ip":"1.1.1.1"},{"ip":"2.2.2.2"}]}})",
         {"status.podIPs: Invalid value: [{\"IP\":\"1.1.1.1\"},{\"IP\":\"2.2.2.2\"}]: may specify "
          "no more than one IP for each IP family"}},
    };
    for (const Change& change : changes)
        if (const QStringList got = causesOf(change); got != change.expect)
            QFAIL(qPrintable(QString(change.patch) + ": " + got.join(" | ")));
}

void PodRulesTest::differences() {
    const QStringList causes = causesOf(
        {kPod, "", R"({"spec":{"hostNetwork":true,"nodeSelector":{"z":"y","a":"b"}}})", {}});
    QCOMPARE(causes.size(), 1);
    QCOMPARE(causes[0].mid(causes[0].indexOf("\n@@") + 1),
             QString("@@ -73,12 +73,15 @@\n"
                     "  \"TerminationGracePeriodSeconds\": 30,\n"
                     "  \"ActiveDeadlineSeconds\": null,\n"
                     "  \"DNSPolicy\": \"ClusterFirst\",\n"
                     "- \"NodeSelector\": null,\n"
                     "+ \"NodeSelector\": {\n"
                     "+  \"a\": \"b\",\n"
                     "+  \"z\": \"y\"\n"
                     "+ },\n"
                     "  \"ServiceAccountName\": \"default\",\n"
                     "  \"AutomountServiceAccountToken\": null,\n"
                     "  \"NodeName\": \"\",\n"
                     "  \"SecurityContext\": {\n"
                     "-  \"HostNetwork\": false,\n"
                     "+  \"HostNetwork\": true,\n"
                     "   \"HostPID\": false,\n"
                     "   \"HostIPC\": false,\n"
                     "   \"ShareProcessNamespace\": null,\n"));
    QVERIFY(goDiff("PodSpec", json("{}"), json("{}")).empty());
}

ORRERY_TEST(PodRulesTest)
#include "pod_rules_test.moc"
