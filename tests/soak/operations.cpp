#include "tests/soak/operations.h"

namespace orrery::tests {

namespace {
constexpr std::size_t kDeploymentsMax = 10, kJobsMax = 8, kPodsMax = 8, kServicesMax = 6,
                      kNodesMax = 9;

// Answers that a person may meet when things come and go.
bool mayHappen(const Error& error) {
    switch (error.reason) {
    case Reason::NotFound:
    case Reason::AlreadyExists:
    case Reason::Conflict:
    case Reason::Forbidden: // the namespace is being terminated
    case Reason::TooManyRequests:
        return true;
    default:
        return false;
    }
}
} // namespace

void Operations::say(std::string what) {
    log_.push_back(formatTime(world_.env().now()) + " " + std::move(what));
    if (log_.size() > 40)
        log_.pop_front();
}

void Operations::send(const std::string& what, std::string verb, client::ResourcePath path,
                      std::optional<Json> body, client::PatchType patchType) {
    const std::string whole = what + " " + path.namespace_ + "/" + path.name;
    say(whole);
    const Result<client::Response> answer =
        world_.send(std::move(verb), std::move(path), std::move(body), patchType);
    if (!answer && !mayHappen(answer.error()))
        unexpected_.push_back(whole + ": " + answer.error().message);
}

EncodedPtr Operations::pick(const char* kind, const std::string& namespace_) {
    const std::vector<EncodedPtr> all = world_.list(*world_.kind(kind), namespace_);
    return all.empty() ? nullptr : all[below(all.size())];
}

client::ResourcePath Operations::pathOf(const char* kind, const Json& object) const {
    return world_.path(*world_.kind(kind), std::string(stringAt(object, "metadata.namespace")),
                       std::string(stringAt(object, "metadata.name")));
}

std::string Operations::someNamespace() {
    return below(4) == 0 ? "blue" : "default";
}

JsonObject Operations::templateAnnotations(bool job) {
    JsonObject annotations;
    if (job && below(2) == 0)
        annotations["orrery.dev/run-for"] = std::to_string(1 + below(40)) + "s";
    if (job ? below(4) == 0 : below(12) == 0) { // it fails, or crashes again and again
        annotations["orrery.dev/exit-code"] = "1";
        annotations["orrery.dev/run-for"] = std::to_string(1 + below(20)) + "s";
    }
    if (!job && below(4) == 0)
        annotations["orrery.dev/ready-after"] = std::to_string(below(15)) + "s";
    if (!job && below(15) == 0)
        annotations["orrery.dev/never-ready"] = "true";
    return annotations;
}

Json Operations::podSpec(bool job) {
    static constexpr const char* kCpu[] = {"50m", "100m", "250m", "1", "3"};
    static constexpr const char* kImages[] = {"nginx:1.26", "nginx:1.27", "busybox:1.36",
                                              "redis:7"};
    JsonObject container{{"name", "main"}, {"image", kImages[below(4)]}};
    if (below(4) != 0)
        container["resources"] =
            JsonObject{{"requests", JsonObject{{"cpu", kCpu[below(5)]}, {"memory", "64Mi"}}}};
    JsonObject spec{{"containers", JsonArray{std::move(container)}}};
    if (job)
        spec["restartPolicy"] = below(2) == 0 ? "Never" : "OnFailure";
    return Json(std::move(spec));
}

void Operations::createDeployment() {
    if (world_.list(*world_.kind("deployments")).size() >= kDeploymentsMax)
        return deleteSome("deployments");
    const std::string name = "d" + std::to_string(++named_), in = someNamespace();
    const JsonObject labels{{"app", "a" + std::to_string(named_ % 7)}, {"d", name}};
    JsonObject made{
        {"apiVersion", "apps/v1"},
        {"kind", "Deployment"},
        {"metadata", JsonObject{{"name", name}}},
        {"spec",
         JsonObject{{"replicas", number(7)},
                    {"selector", JsonObject{{"matchLabels", labels}}},
                    {"template", JsonObject{{"metadata", JsonObject{{"labels", labels},
                                                                    {"annotations",
                                                                     templateAnnotations(false)}}},
                                            {"spec", podSpec(false)}}}}}};
    if (below(4) == 0)
        setPath(made["spec"], "strategy", JsonObject{{"type", "Recreate"}});
    send("create deployment " + name, "create", {"apps", "v1", "deployments", in, "", ""},
         Json(std::move(made)));
}

void Operations::scaleDeployment() {
    const EncodedPtr picked = pick("deployments");
    if (!picked)
        return createDeployment();
    client::ResourcePath path = pathOf("deployments", picked->tree());
    path.subresource = "scale";
    const std::int64_t count = number(9);
    send("scale to " + std::to_string(count), "patch", path,
         JsonObject{{"spec", JsonObject{{"replicas", count}}}}, client::PatchType::Merge);
}

void Operations::changeTemplate() {
    const EncodedPtr picked = pick("deployments");
    if (!picked)
        return createDeployment();
    Json patch = JsonObject{};
    setPath(patch, "spec.template.metadata.annotations", templateAnnotations(false));
    setPath(patch, "spec.template.spec", podSpec(false));
    if (below(6) == 0)
        setPath(patch, "spec.paused", Json(below(2) == 0));
    send("change template", "patch", pathOf("deployments", picked->tree()), std::move(patch),
         client::PatchType::StrategicMerge);
}

void Operations::createJob() {
    if (world_.list(*world_.kind("jobs")).size() >= kJobsMax)
        return deleteSome("jobs");
    const std::string name = "j" + std::to_string(++named_), in = someNamespace();
    JsonObject spec{
        {"completions", 1 + number(6)},
        {"parallelism", 1 + number(3)},
        {"backoffLimit", number(4)},
        {"template",
         JsonObject{{"metadata", JsonObject{{"annotations", templateAnnotations(true)}}},
                    {"spec", podSpec(true)}}}};
    if (below(3) == 0)
        spec["ttlSecondsAfterFinished"] = number(200);
    if (below(4) == 0)
        spec["completionMode"] = "Indexed";
    send("create job " + name, "create", {"batch", "v1", "jobs", in, "", ""},
         Json(JsonObject{{"apiVersion", "batch/v1"},
                         {"kind", "Job"},
                         {"metadata", JsonObject{{"name", name}}},
                         {"spec", std::move(spec)}}));
}

void Operations::createPod() {
    std::size_t bare = 0;
    for (const EncodedPtr& pod : world_.list(*world_.kind("pods")))
        bare += stringAt(pod->tree(), "metadata.name").starts_with("p");
    if (bare >= kPodsMax)
        return deleteSome("pods");
    const std::string name = "p" + std::to_string(++named_), in = someNamespace();
    JsonObject metadata{{"name", name},
                        {"labels", JsonObject{{"app", "a" + std::to_string(named_ % 7)}}},
                        {"annotations", templateAnnotations(false)}};
    send("create pod " + name, "create", {"", "v1", "pods", in, "", ""},
         Json(JsonObject{{"apiVersion", "v1"},
                         {"kind", "Pod"},
                         {"metadata", std::move(metadata)},
                         {"spec", podSpec(false)}}));
}

void Operations::createService() {
    if (world_.list(*world_.kind("services")).size() > kServicesMax)
        return deleteSome("services");
    const std::string name = "s" + std::to_string(++named_), in = someNamespace();
    JsonObject spec{{"selector", JsonObject{{"app", "a" + std::to_string(below(7))}}},
                    {"ports", JsonArray{JsonObject{{"port", 80}}}}};
    send("create service " + name, "create", {"", "v1", "services", in, "", ""},
         Json(JsonObject{{"apiVersion", "v1"},
                         {"kind", "Service"},
                         {"metadata", JsonObject{{"name", name}}},
                         {"spec", std::move(spec)}}));
}

void Operations::deleteSome(const char* kind) {
    static constexpr const char* kPolicies[] = {"Background", "Background", "Foreground", "Orphan"};
    const EncodedPtr picked = pick(kind);
    if (!picked || stringAt(picked->tree(), "metadata.name") == "kubernetes")
        return;
    JsonObject options{{"propagationPolicy", kPolicies[below(4)]}};
    if (std::string_view(kind) == "pods" && below(5) == 0)
        options["gracePeriodSeconds"] = 0;
    const std::string policy(asString(options["propagationPolicy"]));
    send(std::string("delete ") + kind + " " + policy, "delete", pathOf(kind, picked->tree()),
         Json(std::move(options)));
}

void Operations::evictPod() {
    const EncodedPtr picked = pick("pods");
    if (!picked)
        return;
    client::ResourcePath path = pathOf("pods", picked->tree());
    path.subresource = "eviction";
    send("evict", "create", path,
         Json(JsonObject{
             {"apiVersion", "policy/v1"},
             {"kind", "Eviction"},
             {"metadata", JsonObject{{"name", path.name}, {"namespace", path.namespace_}}}}));
}

// Its ReplicaSet lets go of it and makes another.
void Operations::relabelPod() {
    const EncodedPtr picked = pick("pods");
    if (picked)
        send("relabel pod", "patch", pathOf("pods", picked->tree()),
             Json(JsonObject{{"metadata", JsonObject{{"labels", JsonObject{{"d", "nobody"}}}}}}),
             client::PatchType::Merge);
}

void Operations::killOrStartNode() {
    if (!dead_.empty() && below(3) != 0) {
        const std::string name =
            *std::next(dead_.begin(), static_cast<std::ptrdiff_t>(below(dead_.size())));
        say("start node " + name);
        world_.cluster().fleet().startNode(name);
        dead_.erase(name);
        return;
    }
    const EncodedPtr picked = pick("nodes");
    if (!picked || dead_.size() >= 3)
        return;
    const std::string name(stringAt(picked->tree(), "metadata.name"));
    say("kill node " + name);
    if (world_.cluster().fleet().killNode(name))
        dead_.insert(name);
}

void Operations::deleteOrAddNode() {
    if (world_.list(*world_.kind("nodes")).size() < 4 || below(2) == 0) {
        if (world_.list(*world_.kind("nodes")).size() < kNodesMax)
            say("add node " + world_.cluster().fleet().addNode());
        return;
    }
    const EncodedPtr picked = pick("nodes");
    const std::string name(stringAt(picked->tree(), "metadata.name"));
    world_.cluster().fleet().killNode(name);
    dead_.erase(name);
    send("delete node", "delete", {"", "v1", "nodes", "", name, ""});
}

void Operations::cordonNode() {
    const EncodedPtr picked = pick("nodes");
    if (picked)
        send("cordon or uncordon", "patch", pathOf("nodes", picked->tree()),
             Json(JsonObject{{"spec", JsonObject{{"unschedulable", below(3) == 0}}}}),
             client::PatchType::Merge);
}

void Operations::taintNode() {
    const EncodedPtr picked = pick("nodes");
    if (!picked)
        return;
    JsonArray taints;
    for (const Json& taint : arrayAt(picked->tree(), "spec.taints"))
        if (stringAt(taint, "key") != "soak")
            taints.push_back(taint);
    if (below(3) == 0)
        taints.push_back(
            JsonObject{{"key", "soak"}, {"effect", below(2) == 0 ? "NoExecute" : "NoSchedule"}});
    send("taint", "patch", pathOf("nodes", picked->tree()),
         Json(JsonObject{{"spec", JsonObject{{"taints", std::move(taints)}}}}),
         client::PatchType::Merge);
}

void Operations::pauseOrStepLoop() {
    const std::vector<Loop*>& loops = world_.cluster().loops().all();
    Loop* loop = loops[below(loops.size())];
    say((loop->paused() ? "step " : "pause ") + loop->name());
    loop->paused() ? loop->step() : loop->pause();
    world_.sim().runPosted();
}

void Operations::resumeLoops() {
    for (Loop* loop : world_.cluster().loops().all())
        if (loop->paused())
            loop->resume();
}

void Operations::namespaceComesOrGoes() {
    if (world_.find(*world_.kind("namespaces"), "", "blue"))
        return send("delete namespace blue", "delete", {"", "v1", "namespaces", "", "blue", ""});
    send("create namespace blue", "create", {"", "v1", "namespaces", "", "", ""},
         Json(JsonObject{{"apiVersion", "v1"},
                         {"kind", "Namespace"},
                         {"metadata", JsonObject{{"name", "blue"}}}}));
}

void Operations::jump() {
    const Duration span = upTo(std::chrono::minutes(15));
    say("the clock runs for " + formatDuration(span));
    world_.advance(span);
}

void Operations::one() {
    using Operation = void (Operations::*)();
    struct Row {
        int weight;
        Operation run;
    };
    static constexpr Row kRows[] = {
        {10, &Operations::createDeployment},
        {14, &Operations::scaleDeployment},
        {10, &Operations::changeTemplate},
        {8, &Operations::createJob},
        {6, &Operations::createPod},
        {4, &Operations::createService},
        {5, &Operations::evictPod},
        {3, &Operations::relabelPod},
        {7, &Operations::killOrStartNode},
        {2, &Operations::deleteOrAddNode},
        {5, &Operations::cordonNode},
        {3, &Operations::taintNode},
        {5, &Operations::pauseOrStepLoop},
        {1, &Operations::namespaceComesOrGoes},
        {2, &Operations::jump},
    };
    static constexpr const char* kDeleted[] = {"deployments", "replicasets", "jobs",
                                               "pods",        "pods",        "services"};
    ++done_;
    int total = 12; // of deletions
    for (const Row& row : kRows)
        total += row.weight;
    int at = static_cast<int>(below(static_cast<std::uint64_t>(total)));
    for (const Row& row : kRows)
        if ((at -= row.weight) < 0)
            return (this->*row.run)();
    deleteSome(kDeleted[below(std::size(kDeleted))]);
}

} // namespace orrery::tests
