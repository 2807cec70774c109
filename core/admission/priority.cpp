// A pod's priority is its class's; the pod can't say it itself.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

const api::GroupResource kClasses{"scheduling.k8s.io", "priorityclasses"};
const api::GroupResource kPods{"", "pods"};

struct Class {
    std::string name;
    std::int64_t value = 0;
    std::string preemptionPolicy = "PreemptLowerPriority";
};

Class classOf(const Json& object) {
    return {std::string(stringAt(object, "metadata.name")), intAt(object, "value"),
            std::string(stringAt(object, "preemptionPolicy", "PreemptLowerPriority"))};
}

// Of several default classes the lowest. Without any: priority 0 and no class.
Class defaultPriority(const Context& context) {
    std::optional<Class> lowest;
    for (const EncodedPtr& object : context.lookup.list(kClasses, "")) {
        // Few are: reading the bytes spares decoding the others for each pod.
        if (object->bytes().find("\"globalDefault\":true") == std::string::npos ||
            !boolAt(object->tree(), "globalDefault"))
            continue;
        const Class found = classOf(object->tree());
        if (!lowest || found.value < lowest->value)
            lowest = found;
    }
    return lowest.value_or(Class());
}

Result<void> setPriority(Request& request, const Context& context) {
    Json& pod = *request.object;
    const std::string name(stringAt(pod, "spec.priorityClassName"));
    Class chosen;
    if (name.empty()) {
        chosen = defaultPriority(context);
        if (!chosen.name.empty())
            setPath(pod, "spec.priorityClassName", Json(chosen.name));
    } else {
        const EncodedPtr found = context.lookup.get(kClasses, "", name);
        if (!found)
            return forbidden(request, "no PriorityClass with name " + name + " was found");
        chosen = classOf(found->tree());
    }
    const std::string computed = "; priority admission controller computed ";
    const std::string from = " from the given PriorityClass name";
    const Json* own = findPath(pod, "spec.priority");
    if (own != nullptr && own->is_number() && intAt(pod, "spec.priority") != chosen.value)
        return forbidden(request, "the integer value of priority (" +
                                      std::to_string(intAt(pod, "spec.priority")) +
                                      ") must not be provided in pod spec" + computed +
                                      std::to_string(chosen.value) + from);
    setPath(pod, "spec.priority", Json(chosen.value));
    const std::string policy(stringAt(pod, "spec.preemptionPolicy"));
    if (findPath(pod, "spec.preemptionPolicy") && policy != chosen.preemptionPolicy)
        return forbidden(request, "the string value of PreemptionPolicy (" + policy +
                                      ") must not be provided in pod spec" + computed +
                                      chosen.preemptionPolicy + from);
    setPath(pod, "spec.preemptionPolicy", Json(chosen.preemptionPolicy));
    return {};
}

Result<void> mutate(Request& request, const Context& context) {
    if (request.kind->groupResource() != kPods || request.operation == Operation::Delete)
        return {};
    if (request.operation == Operation::Create)
        return setPriority(request, context);
    // What an update leaves out stays.
    for (const char* field : {"spec.priority", "spec.preemptionPolicy"})
        if (const Json* old = findPath(*request.old, field);
            old != nullptr && findPath(*request.object, field) == nullptr)
            setPath(*request.object, field, *old);
    return {};
}

Result<void> validate(const Request& request, const Context& context) {
    if (request.kind->groupResource() != kClasses)
        return {};
    if (request.operation == Operation::Delete) {
        if (request.name.compare(0, 7, "system-") == 0)
            return forbidden(request, "this is a system priority class and cannot be deleted");
        return {};
    }
    if (!boolAt(*request.object, "globalDefault"))
        return {};
    const Class other = defaultPriority(context);
    if (!other.name.empty() && other.name != stringAt(*request.object, "metadata.name"))
        return forbidden(request, "PriorityClass " + other.name +
                                      " is already marked as default. Only one default can exist");
    return {};
}

} // namespace

PluginDef priority() {
    PluginDef plugin;
    plugin.name = "Priority";
    plugin.operations = {Operation::Create, Operation::Update, Operation::Delete};
    plugin.resources = {kPods, kClasses};
    plugin.mutate = mutate;
    plugin.validate = validate;
    return plugin;
}

} // namespace orrery::admission
