#include "app/plane/rows.h"

#include <algorithm>

#include "core/base/quantity.h"

namespace orrery::app {

namespace {

constexpr std::string_view kRegistry = "/registry/";

std::string str(std::string_view text) {
    return std::string(text);
}

std::int64_t quantityAt(const Json& container, std::string_view resource, bool milli) {
    const Json* requests = findPath(container, "resources.requests");
    const Json* value = requests ? find(*requests, resource) : nullptr;
    if (!value)
        return 0;
    const Result<Quantity> parsed =
        Quantity::parse(value->is_string() ? asString(*value) : serializeJson(*value));
    return !parsed ? 0 : milli ? parsed->milliValue() : parsed->value();
}

std::int64_t allocatable(const Json& node, std::string_view resource, bool milli) {
    const Json* all = findPath(node, "status.allocatable");
    const Json* value = all ? find(*all, resource) : nullptr;
    if (!value)
        return 0;
    const Result<Quantity> parsed =
        Quantity::parse(value->is_string() ? asString(*value) : serializeJson(*value));
    return !parsed ? 0 : milli ? parsed->milliValue() : parsed->value();
}

Time timeAt(const Json& object, std::string_view path) {
    const Result<Time> parsed = parseTime(stringAt(object, path));
    return parsed ? *parsed : Time{};
}

const Json* condition(const Json& object, std::string_view type) {
    for (const Json& each : arrayAt(object, "status.conditions"))
        if (stringAt(each, "type") == type)
            return &each;
    return nullptr;
}

// What its containers say; empty when nothing speaks against the phase.
std::string containerTrouble(const Json& pod) {
    for (const char* list : {"status.initContainerStatuses", "status.containerStatuses"})
        for (const Json& status : arrayAt(pod, list)) {
            if (const std::string_view reason = stringAt(status, "state.waiting.reason");
                !reason.empty() && reason != "PodInitializing")
                return str(reason);
            if (intAt(status, "state.terminated.exitCode") != 0)
                return str(stringAt(status, "state.terminated.reason", "Error"));
        }
    return {};
}

bool allReady(const Json& pod) {
    const Json* ready = condition(pod, "Ready");
    return ready && stringAt(*ready, "status") == "True";
}

PodShape shapeOf(const Json& pod, const std::string& trouble) {
    const std::string_view phase = stringAt(pod, "status.phase");
    if (findPath(pod, "metadata.deletionTimestamp"))
        return PodShape::Terminating;
    if (phase == "Succeeded")
        return PodShape::Succeeded;
    const bool harmless =
        trouble.empty() || trouble == "ContainerCreating" || trouble == "PodInitializing";
    if (phase == "Failed" || !harmless)
        return PodShape::Failed;
    if (phase == "Running")
        return allReady(pod) ? PodShape::Running : PodShape::Starting;
    if (phase == "Pending" || phase.empty())
        return stringAt(pod, "spec.nodeName").empty() ? PodShape::Pending : PodShape::Starting;
    return PodShape::Unknown;
}

} // namespace

PodRow podRow(const Json& pod) {
    PodRow row;
    row.namespace_ = str(stringAt(pod, "metadata.namespace"));
    row.name = str(stringAt(pod, "metadata.name"));
    row.key = row.namespace_ + "/" + row.name;
    row.uid = str(stringAt(pod, "metadata.uid"));
    row.nodeName = str(stringAt(pod, "spec.nodeName"));
    const std::string trouble = containerTrouble(pod);
    row.shape = shapeOf(pod, trouble);
    row.status = row.shape == PodShape::Terminating ? "Terminating"
                 : !trouble.empty()                 ? trouble
                                                    : str(stringAt(pod, "status.phase", "Pending"));
    if (row.nodeName.empty())
        if (const Json* scheduled = condition(pod, "PodScheduled");
            scheduled && stringAt(*scheduled, "status") == "False")
            row.waiting = str(stringAt(*scheduled, "message", stringAt(*scheduled, "reason")));
    for (const Json& container : arrayAt(pod, "spec.containers")) {
        row.cpuMillis += quantityAt(container, "cpu", true);
        row.memoryBytes += quantityAt(container, "memory", false);
    }
    row.createdAt = timeAt(pod, "metadata.creationTimestamp");
    return row;
}

NodeRow nodeRow(const Json& node) {
    NodeRow row;
    row.name = str(stringAt(node, "metadata.name"));
    const JsonObject& annotations = objectAt(node, "metadata.annotations");
    row.runtime = annotations.contains("orrery.dev/simulated") ? "simulated"
                  : annotations.contains("kwok.x-k8s.io/node")
                      ? "simulated, instant"
                      : str(stringAt(node, "status.nodeInfo.containerRuntimeVersion"));
    const Json* ready = condition(node, "Ready");
    row.ready = ready && stringAt(*ready, "status") == "True";
    row.unschedulable = boolAt(node, "spec.unschedulable");
    row.cpuMillis = allocatable(node, "cpu", true);
    row.memoryBytes = allocatable(node, "memory", false);
    row.pods = allocatable(node, "pods", false);
    return row;
}

StepRow stepRow(const LoopStep& step) {
    return {step.at, step.key, step.woken, step.decided, step.error, step.revision, step.took};
}

LoopRow loopRow(const Loop& loop) {
    LoopRow row;
    row.name = loop.name();
    row.paused = loop.paused();
    row.queueLength = loop.queueLength();
    row.steps = loop.steps();
    if (!loop.recent().empty()) {
        // The newest that decided something says more than all the times when there was nothing to
        // do.
        const auto& steps = loop.recent();
        const auto telling = std::find_if(steps.rbegin(), steps.rend(), [](const LoopStep& step) {
            return !step.error.empty() ||
                   (!step.decided.empty() && step.decided != "nothing to do");
        });
        const LoopStep& last = telling == steps.rend() ? steps.back() : *telling;
        row.key = last.key;
        row.woken = last.woken;
        row.decided = last.decided;
        row.error = last.error;
        row.revision = last.revision;
        row.at = last.at;
        row.took = last.took;
    }
    return row;
}

std::string verbOf(const store::Event& event) {
    if (event.type == store::Event::Type::Delete)
        return "DELETE";
    if (event.current && event.current->version == 1)
        return "POST";
    const std::string& request = event.cause ? event.cause->request : std::string();
    return request.starts_with("PATCH") ? "PATCH" : "PUT";
}

std::string actorOf(const WriteCause& cause) {
    const std::string program = cause.userAgent.substr(0, cause.userAgent.find('/'));
    std::string who = cause.actor;
    if (who.starts_with("system:node:"))
        who = "kubelet " + who.substr(12);
    else if (who == "system:kube-scheduler")
        who = "default-scheduler";
    if (!program.empty() && program.find("orrery") == std::string::npos)
        who += ", " + program;
    return who;
}

std::string becauseOf(const WriteCause& cause) {
    // Of a request that gives no reason, the request says most.
    return cause.because.empty() || (!cause.request.empty() && cause.wokenBy == 0) ? cause.request
                                                                                   : cause.because;
}

RevisionRow revisionRow(const store::Event& event) {
    RevisionRow row;
    row.revision = event.revision;
    row.at = event.at;
    row.verb = verbOf(event);
    if (event.current) {
        row.key = event.current->key;
        if (row.key.starts_with(kRegistry))
            row.key.erase(0, kRegistry.size());
        row.bytes = event.current->value
                        ? static_cast<std::int64_t>(event.current->value->bytes().size())
                        : 0;
    }
    if (event.cause) {
        row.who = actorOf(*event.cause);
        row.because = becauseOf(*event.cause);
        row.wokenBy = event.cause->wokenBy;
    }
    return row;
}

EventRow eventRow(const Json& event) {
    EventRow row;
    row.type = str(stringAt(event, "type", "Normal"));
    row.reason = str(stringAt(event, "reason"));
    row.message = str(stringAt(event, "message", stringAt(event, "note")));
    row.from = str(stringAt(event, "source.component", stringAt(event, "reportingComponent")));
    if (row.from.empty())
        row.from = str(stringAt(event, "reportingComponent"));
    if (const std::string_view host = stringAt(event, "source.host"); !host.empty())
        row.from += ", " + str(host);
    row.count = std::max<std::int64_t>(1, intAt(event, "count", intAt(event, "series.count", 1)));
    for (const char* path :
         {"lastTimestamp", "series.lastObservedTime", "eventTime", "metadata.creationTimestamp"})
        if (row.last = timeAt(event, path); row.last != Time{})
            break;
    return row;
}

std::string shortText(const Json& value) {
    std::string text = serializeJson(value);
    constexpr std::size_t kMax = 120;
    if (text.size() > kMax) {
        std::size_t end = kMax;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
            --end; // not inside a character
        text = text.substr(0, end) + "…";
    }
    return text;
}

namespace {

class Difference {
  public:
    explicit Difference(std::size_t limit) : limit_(limit) {}
    // Returns whether the two differ; then their lines are there.
    void compare(const std::string& label, const Json* before, const Json* after, int depth) {
        if (rows.size() >= limit_ || (before && after && *before == *after))
            return;
        const bool nested = before && after && before->kind() == after->kind() &&
                            (before->is_object() || before->is_array());
        if (!nested) {
            rows.push_back({depth, label, before ? shortText(*before) : "",
                            after ? shortText(*after) : "",
                            !before  ? DiffRow::What::Added
                            : !after ? DiffRow::What::Removed
                                     : DiffRow::What::Changed});
            return;
        }
        if (!label.empty())
            rows.push_back({depth, label, "", "", DiffRow::What::Context});
        const int inner = label.empty() ? depth : depth + 1;
        if (before->is_object())
            members(before->get_object(), after->get_object(), inner);
        else
            elements(before->get_array(), after->get_array(), inner);
    }
    std::vector<DiffRow> rows;

  private:
    void members(const JsonObject& before, const JsonObject& after, int depth) {
        for (const auto& member : before) {
            const Json* other = after.if_contains(member.key());
            if (!isBookkeeping(member.key()))
                compare(str(member.key()) + ":", &member.value(), other, depth);
        }
        for (const auto& member : after)
            if (!before.contains(member.key()) && !isBookkeeping(member.key()))
                compare(str(member.key()) + ":", nullptr, &member.value(), depth);
    }
    // Differs between any two versions, and says nothing.
    static bool isBookkeeping(std::string_view key) {
        return key == "managedFields" || key == "resourceVersion";
    }
    // Elements with a name or a type are the same when that is; others by their place.
    static std::string identity(const Json& element, std::size_t index) {
        for (const char* key : {"name", "type", "containerPort", "uid"})
            if (const Json* value = find(element, key))
                return std::string("- ") + key + ": " +
                       (value->is_string() ? str(asString(*value)) : serializeJson(*value));
        return "- [" + std::to_string(index) + "]";
    }
    void elements(const JsonArray& before, const JsonArray& after, int depth) {
        std::vector<std::pair<std::string, const Json*>> newer;
        for (std::size_t i = 0; i < after.size(); ++i)
            newer.emplace_back(identity(after[i], i), &after[i]);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const std::string name = identity(before[i], i);
            const auto same = std::find_if(newer.begin(), newer.end(), [&name](const auto& each) {
                return each.first == name;
            });
            compare(name, &before[i], same == newer.end() ? nullptr : same->second, depth);
            if (same != newer.end())
                newer.erase(same);
        }
        for (const auto& [name, element] : newer)
            compare(name, nullptr, element, depth);
    }
    std::size_t limit_;
};

} // namespace

std::vector<DiffRow> diffRows(const Json& before, const Json& after, int limit) {
    Difference difference(static_cast<std::size_t>(limit));
    difference.compare("", &before, &after, 0);
    return std::move(difference.rows);
}

} // namespace orrery::app
