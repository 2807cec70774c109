#include "core/api/columns/columns.h"
#include "core/base/time.h"

namespace orrery::api::columns {

namespace {
Cell outOf(std::string_view have, std::string_view want, std::int64_t otherwise = 0) {
    return [have = std::string(have), want = std::string(want), otherwise](const Json& object,
                                                                           std::int64_t) {
        return Json(std::to_string(intAt(object, have)) + "/" +
                    std::to_string(intAt(object, want, otherwise)));
    };
}

std::vector<Column> withTemplate(std::vector<Column> columns, std::string selector,
                                 std::string spec = "spec.template.spec") {
    addTemplateColumns(columns, std::move(spec), std::move(selector));
    return columns;
}

bool hasCondition(const Json& job, std::string_view type) {
    for (const Json& condition : arrayAt(job, "status.conditions"))
        if (stringAt(condition, "type") == type)
            return stringAt(condition, "status") == "True";
    return false;
}

Json jobStatus(const Json& job, std::int64_t) {
    for (const std::string_view type : {"Complete", "Failed"})
        if (hasCondition(job, type))
            return Json(type);
    if (findPath(job, "metadata.deletionTimestamp"))
        return Json("Terminating");
    if (hasCondition(job, "Suspended"))
        return Json("Suspended");
    for (const std::string_view type : {"FailureTarget", "SuccessCriteriaMet"})
        if (hasCondition(job, type))
            return Json(type);
    return Json("Running");
}

Json jobCompletions(const Json& job, std::int64_t) {
    const std::string done = std::to_string(intAt(job, "status.succeeded"));
    if (findPath(job, "spec.completions"))
        return Json(done + "/" + std::to_string(intAt(job, "spec.completions")));
    const std::int64_t parallelism = intAt(job, "spec.parallelism");
    return Json(parallelism > 1 ? done + "/1 of " + std::to_string(parallelism) : done + "/1");
}

Json jobDuration(const Json& job, std::int64_t now) {
    const Result<Time> start = parseTime(stringAt(job, "status.startTime"));
    if (!start)
        return Json("");
    const Result<Time> end = parseTime(stringAt(job, "status.completionTime"));
    return Json(humanDuration((end ? *end : Time(std::chrono::seconds(now))) - *start));
}

Json suspended(const Json& cronJob, std::int64_t) {
    const Json* value = findPath(cronJob, "spec.suspend");
    return Json(!value ? "<unset>" : value->is_bool() && value->get_bool() ? "True" : "False");
}

Json controllerName(const Json& revision, std::int64_t) {
    for (const Json& owner : arrayAt(revision, "metadata.ownerReferences")) {
        if (!boolAt(owner, "controller"))
            continue;
        std::string text(stringAt(owner, "kind"));
        for (char& c : text)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const std::string_view version = stringAt(owner, "apiVersion");
        if (const std::size_t slash = version.find('/'); slash != std::string_view::npos)
            text += "." + std::string(version.substr(0, slash));
        return Json(text + "/" + std::string(stringAt(owner, "name")));
    }
    return Json("<none>");
}

void addApps(KindTable& table) {
    table.push_back(
        {"apps", "Deployment",
         withTemplate(
             {
                 name(),
                 computed("Ready", "string", outOf("status.readyReplicas", "spec.replicas")),
                 integer("Up-to-date", "status.updatedReplicas", "string"),
                 integer("Available", "status.availableReplicas", "string"),
                 age(),
             },
             "spec.selector")});
    const auto replicas = [](std::string selector) {
        return withTemplate({name(), integer("Desired", "spec.replicas"),
                             integer("Current", "status.replicas"),
                             integer("Ready", "status.readyReplicas"), age()},
                            std::move(selector));
    };
    table.push_back({"apps", "ReplicaSet", replicas("spec.selector")});
    std::vector<Column> controller = replicas("");
    controller.push_back(computed(
        "Selector", "string",
        [](const Json& object, std::int64_t) {
            return Json(labelsText(findPath(object, "spec.selector")));
        },
        kWide));
    table.push_back({"", "ReplicationController", std::move(controller)});
    table.push_back(
        {"apps", "StatefulSet",
         withTemplate({name(),
                       computed("Ready", "string", outOf("status.readyReplicas", "spec.replicas")),
                       age()},
                      "")});
    table.push_back({"apps", "DaemonSet",
                     withTemplate(
                         {
                             name(),
                             integer("Desired", "status.desiredNumberScheduled"),
                             integer("Current", "status.currentNumberScheduled"),
                             integer("Ready", "status.numberReady"),
                             integer("Up-to-date", "status.updatedNumberScheduled"),
                             integer("Available", "status.numberAvailable"),
                             computed("Node Selector", "string",
                                      [](const Json& object, std::int64_t) {
                                          return Json(labelsText(
                                              findPath(object, "spec.template.spec.nodeSelector")));
                                      }),
                             age(),
                         },
                         "spec.selector")});
    table.push_back({"apps",
                     "ControllerRevision",
                     {name(), computed("Controller", "string", controllerName),
                      integer("Revision", "revision"), age()}});
}
} // namespace

void addWorkloads(KindTable& table) {
    addApps(table);
    table.push_back({"batch", "Job",
                     withTemplate(
                         {
                             name(),
                             computed("Status", "string", jobStatus),
                             computed("Completions", "string", jobCompletions),
                             computed("Duration", "string", jobDuration),
                             age(),
                         },
                         "spec.selector")});
    table.push_back({"batch", "CronJob",
                     withTemplate(
                         {
                             name(),
                             text("Schedule", "spec.schedule"),
                             text("Timezone", "spec.timeZone", "<none>"),
                             computed("Suspend", "boolean", suspended),
                             computed("Active", "integer",
                                      [](const Json& object, std::int64_t) {
                                          return Json(static_cast<std::int64_t>(
                                              arrayAt(object, "status.active").size()));
                                      }),
                             computed("Last Schedule", "string",
                                      [](const Json& object, std::int64_t now) {
                                          return Json(
                                              sinceText(stringAt(object, "status.lastScheduleTime"),
                                                        now, "<none>"));
                                      }),
                             age(),
                         },
                         "spec.jobTemplate.spec.selector", "spec.jobTemplate.spec.template.spec")});
    Column scaleName = name();
    scaleName.format.clear();
    table.push_back({"autoscaling",
                     "Scale",
                     {scaleName, integer("Desired", "spec.replicas"),
                      integer("Available", "status.replicas"), age()}});
}

} // namespace orrery::api::columns
