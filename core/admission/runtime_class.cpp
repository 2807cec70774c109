// A pod's runtime class says what it costs and where it can run.
#include "core/admission/plugins.h"
#include "core/base/quantity.h"

namespace orrery::admission {
namespace {

// The same resources in the same amounts, however they are written.
bool sameAmounts(const JsonObject& left, const JsonObject& right) {
    if (left.size() != right.size())
        return false;
    for (const auto& [name, amount] : left) {
        const auto other = right.find(name);
        if (other == right.end())
            return false;
        const Result<Quantity> a = Quantity::parse(asString(amount));
        const Result<Quantity> b = Quantity::parse(asString(other->value()));
        if (!a || !b || !(*a == *b))
            return false;
    }
    return true;
}

Result<void> mergeNodeSelector(Request& request, const JsonObject& wanted) {
    if (wanted.empty())
        return {};
    Json& selector = ensurePath(*request.object, "spec.nodeSelector");
    if (!selector.is_object())
        selector = JsonObject();
    for (const auto& [key, value] : wanted) {
        const Json* own = find(selector, key);
        if (own != nullptr && *own != value)
            return forbidden(request, "conflict: runtimeClass.scheduling.nodeSelector[" +
                                          std::string(key) + "] = " + std::string(asString(value)) +
                                          "; pod.spec.nodeSelector[" + std::string(key) +
                                          "] = " + std::string(asString(*own)));
        selector.as_object()[key] = value;
    }
    return {};
}

void mergeTolerations(Json& pod, const JsonArray& wanted) {
    if (wanted.empty())
        return;
    JsonArray& tolerations = ensureArray(pod, "spec.tolerations");
    for (const Json& toleration : wanted)
        if (std::find(tolerations.begin(), tolerations.end(), toleration) == tolerations.end())
            tolerations.push_back(toleration);
}

Result<void> mutate(Request& request, const Context& context) {
    Json& pod = *request.object;
    const std::string name(stringAt(pod, "spec.runtimeClassName"));
    const JsonObject own = objectAt(pod, "spec.overhead");
    if (name.empty())
        return {};
    const EncodedPtr found = context.lookup.get({"node.k8s.io", "runtimeclasses"}, "", name);
    if (!found)
        return forbidden(request, "pod rejected: RuntimeClass \"" + name + "\" not found");
    const Json& runtime = found->tree();
    const JsonObject& overhead = objectAt(runtime, "overhead.podFixed");
    if (!own.empty() && !overhead.empty() && !sameAmounts(own, overhead))
        return forbidden(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's "
                                  "defined Overhead");
    if (!overhead.empty())
        setPath(pod, "spec.overhead", Json(overhead));
    ORRERY_TRY(mergeNodeSelector(request, objectAt(runtime, "scheduling.nodeSelector")));
    mergeTolerations(pod, arrayAt(runtime, "scheduling.tolerations"));
    return {};
}

// Only a runtime class has overhead to give.
Result<void> validate(const Request& request, const Context& context) {
    const Json& pod = *request.object;
    if (objectAt(pod, "spec.overhead").empty())
        return {};
    const std::string name(stringAt(pod, "spec.runtimeClassName"));
    const EncodedPtr found =
        name.empty() ? nullptr : context.lookup.get({"node.k8s.io", "runtimeclasses"}, "", name);
    if (found && !objectAt(found->tree(), "overhead.podFixed").empty())
        return {};
    return forbidden(request, "pod rejected: Pod Overhead set without corresponding "
                              "RuntimeClass defined Overhead");
}

} // namespace

PluginDef runtimeClass() {
    PluginDef plugin;
    plugin.name = "RuntimeClass";
    plugin.operations = {Operation::Create};
    plugin.resources = {{"", "pods"}};
    plugin.mutate = mutate;
    plugin.validate = validate;
    return plugin;
}

} // namespace orrery::admission
