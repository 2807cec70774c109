// LimitRanges: what containers get when they ask for nothing, and what they may ask for.
#include "core/admission/plugins.h"
#include "core/base/quantity.h"

namespace orrery::admission {
namespace {

const api::GroupResource kPods{"", "pods"};
const api::GroupResource kClaims{"", "persistentvolumeclaims"};

std::optional<Quantity> amountOf(const JsonObject& amounts, std::string_view resource) {
    const auto at = amounts.find(resource);
    if (at == amounts.end())
        return std::nullopt;
    const Result<Quantity> parsed = Quantity::parse(asString(at->value()));
    return parsed ? std::optional<Quantity>(*parsed) : std::nullopt;
}

// Sorted, for one text from one LimitRange.
std::vector<std::string> namesOf(const JsonObject& amounts) {
    std::vector<std::string> names;
    for (const auto& [name, amount] : amounts)
        names.emplace_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

// --- defaults -----------------------------------------------------------------------------------

// Adds what is missing of `defaults` to container.resources[member]; returns the names added.
std::string fill(Json& container, const std::string& member, const JsonObject& defaults) {
    std::string added;
    for (const std::string& name : namesOf(defaults)) {
        Json& amounts = ensurePath(container, "resources." + member);
        if (!amounts.is_object())
            amounts = JsonObject();
        if (amounts.as_object().contains(name))
            continue;
        amounts.as_object()[name] = defaults.at(name);
        added += (added.empty() ? "" : ", ") + name;
    }
    return added;
}

void fillContainers(Json& pod, const char* list, const std::string& what, const Json& item,
                    std::vector<std::string>& notes) {
    Json* containers = find(ensurePath(pod, "spec"), list);
    if (containers == nullptr || !containers->is_array())
        return;
    for (Json& container : containers->as_array()) {
        const std::string name = what + " " + std::string(stringAt(container, "name"));
        const std::string requests = fill(container, "requests", objectAt(item, "defaultRequest"));
        const std::string limits = fill(container, "limits", objectAt(item, "default"));
        if (!requests.empty())
            notes.push_back(requests + " request for " + name);
        if (!limits.empty())
            notes.push_back(limits + " limit for " + name);
    }
}

Result<void> mutate(Request& request, const Context& context) {
    if (request.kind->groupResource() != kPods || request.operation != Operation::Create)
        return {};
    std::vector<std::string> notes;
    for (const EncodedPtr& range : context.lookup.list({"", "limitranges"}, request.namespace_))
        for (const Json& item : arrayAt(range->tree(), "spec.limits"))
            if (stringAt(item, "type") == "Container") {
                fillContainers(*request.object, "containers", "container", item, notes);
                fillContainers(*request.object, "initContainers", "init container", item, notes);
            }
    if (notes.empty())
        return {};
    std::string text;
    for (const std::string& note : notes)
        text += (text.empty() ? "" : "; ") + note;
    Json& annotations = ensurePath(*request.object, "metadata.annotations");
    if (!annotations.is_object())
        annotations = JsonObject();
    annotations.as_object()["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + text;
    return {};
}

// --- checks -------------------------------------------------------------------------------------

std::string sixDigits(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%f", value);
    return text;
}

struct Usage {
    const JsonObject& requests;
    const JsonObject& limits;
};

// One resource of one LimitRange item against one container, pod or claim.
void checkOne(const std::string& type, const std::string& resource, const Json& item,
              const Usage& usage, std::vector<std::string>& refusals) {
    const std::optional<Quantity> request = amountOf(usage.requests, resource);
    const std::optional<Quantity> limit = amountOf(usage.limits, resource);
    const std::string per = resource + " usage per " + type + " is ";
    if (const auto min = amountOf(objectAt(item, "min"), resource)) {
        if (!request)
            refusals.push_back("minimum " + per + min->text() + ".  No request is specified");
        else if (*request < *min)
            refusals.push_back("minimum " + per + min->text() + ", but request is " +
                               request->text());
        else if (limit && *limit < *min)
            refusals.push_back("minimum " + per + min->text() + ", but limit is " + limit->text());
    }
    if (const auto max = amountOf(objectAt(item, "max"), resource)) {
        if (!limit && type != "PersistentVolumeClaim")
            refusals.push_back("maximum " + per + max->text() + ".  No limit is specified");
        else if (limit && *limit > *max)
            refusals.push_back("maximum " + per + max->text() + ", but limit is " + limit->text());
        else if (request && *request > *max)
            refusals.push_back("maximum " + per + max->text() + ", but request is " +
                               request->text());
    }
    const auto ratio = amountOf(objectAt(item, "maxLimitRequestRatio"), resource);
    if (!ratio)
        return;
    const std::string most =
        resource + " max limit to request ratio per " + type + " is " + ratio->text() + ", but ";
    if (!request || request->sign() == 0)
        refusals.push_back(most + "no request is specified or request is 0");
    else if (!limit || limit->sign() == 0)
        refusals.push_back(most + "no limit is specified or limit is 0");
    else if (const double given = static_cast<double>(limit->milliValue()) /
                                  static_cast<double>(request->milliValue());
             given > static_cast<double>(ratio->milliValue()) / 1000.0)
        refusals.push_back(most + "provided ratio is " + sixDigits(given));
}

void checkAll(const Json& item, const Usage& usage, std::vector<std::string>& refusals) {
    std::set<std::string> resources;
    for (const char* member : {"min", "max", "maxLimitRequestRatio"})
        for (const std::string& name : namesOf(objectAt(item, member)))
            resources.insert(name);
    for (const std::string& resource : resources)
        checkOne(std::string(stringAt(item, "type")), resource, item, usage, refusals);
}

// The containers' amounts together; an init container counts where it alone needs more.
JsonObject podAmounts(const Json& pod, const std::string& member) {
    std::map<std::string, Quantity> sums;
    const auto each = [&](const char* list, const auto& use) {
        for (const Json& container : arrayAt(pod, list))
            for (const std::string& name : namesOf(objectAt(container, "resources." + member)))
                if (const auto amount = amountOf(objectAt(container, "resources." + member), name))
                    use(name, *amount);
    };
    each("spec.containers",
         [&](const std::string& name, const Quantity& amount) { sums[name] += amount; });
    each("spec.initContainers", [&](const std::string& name, const Quantity& amount) {
        if (sums[name] < amount)
            sums[name] = amount;
    });
    JsonObject out;
    for (const auto& [name, amount] : sums)
        out[name] = amount.text();
    return out;
}

void checkItem(const Request& request, const Json& item, std::vector<std::string>& refusals) {
    const Json& object = *request.object;
    const std::string_view type = stringAt(item, "type");
    if (request.kind->groupResource() == kClaims) {
        if (type == "PersistentVolumeClaim")
            checkAll(item,
                     {objectAt(object, "spec.resources.requests"),
                      objectAt(object, "spec.resources.limits")},
                     refusals);
        return;
    }
    if (type == "Pod") {
        const JsonObject requests = podAmounts(object, "requests");
        const JsonObject limits = podAmounts(object, "limits");
        checkAll(item, {requests, limits}, refusals);
    }
    if (type == "Container")
        for (const char* list : {"spec.containers", "spec.initContainers"})
            for (const Json& container : arrayAt(object, list))
                checkAll(item,
                         {objectAt(container, "resources.requests"),
                          objectAt(container, "resources.limits")},
                         refusals);
}

Result<void> validate(const Request& request, const Context& context) {
    if (request.kind->groupResource() == kPods && request.operation != Operation::Create)
        return {}; // a pod's resources are settled when it is made
    for (const EncodedPtr& range : context.lookup.list({"", "limitranges"}, request.namespace_)) {
        std::vector<std::string> refusals;
        for (const Json& item : arrayAt(range->tree(), "spec.limits"))
            checkItem(request, item, refusals);
        if (refusals.empty())
            continue;
        std::string text;
        for (const std::string& refusal : refusals)
            text += (text.empty() ? "" : ", ") + refusal;
        return forbidden(request, refusals.size() > 1 ? "[" + text + "]" : text);
    }
    return {};
}

} // namespace

PluginDef limitRanger() {
    PluginDef plugin;
    plugin.name = "LimitRanger";
    plugin.operations = {Operation::Create, Operation::Update};
    plugin.resources = {kPods, kClaims};
    plugin.mutate = mutate;
    plugin.validate = validate;
    return plugin;
}

} // namespace orrery::admission
