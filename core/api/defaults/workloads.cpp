// Defaults of kinds that have a pod template.
#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"

namespace orrery::api {

namespace {
constexpr std::int64_t kUnlimitedRetries = 2147483647;

void defaultTemplateSpec(JsonObject& holder) {
    if (JsonObject* pod = objectIn(holder, "template"))
        if (JsonObject* spec = objectIn(*pod, "spec"))
            defaultPodSpec(*spec);
}

const JsonObject* templateLabels(JsonObject& spec) {
    JsonObject* pod = objectIn(spec, "template");
    JsonObject* metadata = pod ? objectIn(*pod, "metadata") : nullptr;
    JsonObject* labels = metadata ? objectIn(*metadata, "labels") : nullptr;
    return labels && !labels->empty() ? labels : nullptr;
}

void labelLikeTemplate(Json& object, JsonObject& spec) {
    if (const JsonObject* labels = templateLabels(spec)) {
        const JsonObject copy = *labels;
        setDefault(ensureObject(object.get_object(), "metadata"), "labels", copy);
    }
}

// `type` RollingUpdate unless said otherwise; whether it is.
bool defaultRolling(JsonObject& strategy) {
    setDefault(strategy, "type", "RollingUpdate");
    return textIn(strategy, "type") == "RollingUpdate";
}
} // namespace

void defaultPodTemplate(Json& object) {
    defaultTemplateSpec(object.get_object());
}

void defaultReplicationController(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    if (const JsonObject* labels = templateLabels(*spec)) {
        const JsonObject copy = *labels;
        setDefault(*spec, "selector", copy);
        labelLikeTemplate(object, *spec);
    }
    setDefault(*spec, "replicas", 1);
    defaultTemplateSpec(*spec);
}

void defaultReplicaSet(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec")) {
        setDefault(*spec, "replicas", 1);
        defaultTemplateSpec(*spec);
    }
}

void defaultDeployment(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "replicas", 1);
    defaultTemplateSpec(*spec);
    JsonObject& strategy = ensureObject(*spec, "strategy");
    if (defaultRolling(strategy)) {
        JsonObject& rolling = ensureObject(strategy, "rollingUpdate");
        setDefault(rolling, "maxUnavailable", "25%");
        setDefault(rolling, "maxSurge", "25%");
    }
    setDefault(*spec, "revisionHistoryLimit", 10);
    setDefault(*spec, "progressDeadlineSeconds", 600);
}

void defaultDaemonSet(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    defaultTemplateSpec(*spec);
    JsonObject& strategy = ensureObject(*spec, "updateStrategy");
    if (defaultRolling(strategy)) {
        JsonObject& rolling = ensureObject(strategy, "rollingUpdate");
        setDefault(rolling, "maxUnavailable", 1);
        setDefault(rolling, "maxSurge", 0);
    }
    setDefault(*spec, "revisionHistoryLimit", 10);
}

void defaultStatefulSet(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "replicas", 1);
    defaultTemplateSpec(*spec);
    eachIn(*spec, "volumeClaimTemplates", [](JsonObject& claim) {
        setDefault(claim, "kind", "PersistentVolumeClaim");
        setDefault(claim, "apiVersion", "v1");
        if (JsonObject* claimSpec = objectIn(claim, "spec"))
            defaultClaimSpec(*claimSpec);
        setDefault(ensureObject(claim, "status"), "phase", "Pending");
    });
    setDefault(*spec, "podManagementPolicy", "OrderedReady");
    JsonObject& strategy = ensureObject(*spec, "updateStrategy");
    if (defaultRolling(strategy))
        setDefault(ensureObject(strategy, "rollingUpdate"), "partition", 0);
    setDefault(*spec, "revisionHistoryLimit", 10);
    JsonObject& retention = ensureObject(*spec, "persistentVolumeClaimRetentionPolicy");
    setDefault(retention, "whenDeleted", "Retain");
    setDefault(retention, "whenScaled", "Retain");
}

void defaultJob(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    defaultTemplateSpec(*spec);
    if (!spec->contains("parallelism"))
        setDefault(*spec, "completions", 1);
    // A work queue has a parallelism and no completions.
    setDefault(*spec, "parallelism", 1);
    setDefault(*spec, "backoffLimit",
               spec->contains("backoffLimitPerIndex") ? kUnlimitedRetries : std::int64_t(6));
    // A new Job gets them after its selector's labels are generated (createJob).
    if (!stringAt(object, "metadata.resourceVersion").empty())
        labelLikeTemplate(object, *spec);
    setDefault(*spec, "completionMode", "NonIndexed");
    setDefault(*spec, "suspend", false);
    setDefault(*spec, "manualSelector", false);
    JsonObject* policy = objectIn(*spec, "podFailurePolicy");
    if (policy)
        eachIn(*policy, "rules", [](JsonObject& rule) {
            eachIn(rule, "onPodConditions", [](JsonObject& condition) {
                if (textIn(condition, "status").empty())
                    condition["status"] = "True";
            });
        });
    setDefault(*spec, "podReplacementPolicy", policy ? "Failed" : "TerminatingOrFailed");
}

void defaultCronJob(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "concurrencyPolicy", "Allow");
    setDefault(*spec, "suspend", false);
    setDefault(*spec, "successfulJobsHistoryLimit", 3);
    setDefault(*spec, "failedJobsHistoryLimit", 1);
    if (JsonObject* job = objectIn(*spec, "jobTemplate"))
        if (JsonObject* jobSpec = objectIn(*job, "spec"))
            defaultTemplateSpec(*jobSpec);
}

} // namespace orrery::api
