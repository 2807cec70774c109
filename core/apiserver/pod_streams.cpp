// What a pod's node answers: logs; and what can't be done there.
#include <charconv>

#include "core/api/validation/validation.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"
#include "core/apiserver/subresources.h"

namespace orrery::apiserver {

namespace {
Result<std::optional<std::int64_t>> number(const Query& query, std::string_view name) {
    const std::string* text = parameter(query, name);
    if (!text || text->empty())
        return std::optional<std::int64_t>();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (code != std::errc() || end != text->data() + text->size())
        return badRequest("strconv.ParseInt: parsing \"" + *text + "\": invalid syntax");
    return std::optional<std::int64_t>(value);
}

bool flag(const Query& query, std::string_view name) {
    const std::string* text = parameter(query, name);
    return text && *text != "false" && *text != "0";
}

std::vector<std::string> namesOf(const Json& pod, std::string_view path) {
    std::vector<std::string> names;
    for (const Json& container : arrayAt(pod, path))
        names.emplace_back(stringAt(container, "name"));
    return names;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out = "[";
    for (const std::string& name : names)
        out += (out.size() > 1 ? " " : "") + name;
    return out + "]";
}

// The container that is meant, when it can be known.
Result<std::string> containerOf(const Json& pod, std::string_view asked,
                                const std::string& podName) {
    const std::vector<std::string> containers = namesOf(pod, "spec.containers");
    const std::vector<std::string> init = namesOf(pod, "spec.initContainers");
    const std::vector<std::string> debug = namesOf(pod, "spec.ephemeralContainers");
    if (asked.empty()) {
        if (containers.size() == 1)
            return containers[0];
        std::string choose = "a container name must be specified for pod " + podName +
                             ", choose one of: " + joined(containers);
        if (!init.empty())
            choose += " or one of the init containers: " + joined(init);
        if (!debug.empty())
            choose += " or one of the ephemeral containers: " + joined(debug);
        return badRequest(choose);
    }
    for (const auto* names : {&containers, &init, &debug})
        if (std::find(names->begin(), names->end(), asked) != names->end())
            return std::string(asked);
    return badRequest("container " + std::string(asked) + " is not valid for pod " + podName);
}

Result<PodLogOptions> logOptions(const Query& query) {
    PodLogOptions options;
    options.follow = flag(query, "follow");
    options.previous = flag(query, "previous");
    options.timestamps = flag(query, "timestamps");
    ORRERY_TRY_ASSIGN(options.tailLines, number(query, "tailLines"));
    ORRERY_TRY_ASSIGN(options.sinceSeconds, number(query, "sinceSeconds"));
    ORRERY_TRY_ASSIGN(options.limitBytes, number(query, "limitBytes"));
    if (const std::string* since = parameter(query, "sinceTime"); since && !since->empty()) {
        auto time = parseTime(*since);
        if (!time)
            return badRequest(time.error().message);
        options.sinceTime = *time;
    }
    std::vector<StatusCause> causes;
    const auto check = [&causes](const std::optional<std::int64_t>& value, std::int64_t min,
                                 const char* field) {
        if (value && *value < min)
            causes.push_back({"FieldValueInvalid",
                              "Invalid value: " + std::to_string(*value) +
                                  ": must be greater than " + (min == 0 ? "or equal to 0" : "0"),
                              field});
    };
    check(options.tailLines, 0, "tailLines");
    check(options.limitBytes, 1, "limitBytes");
    check(options.sinceSeconds, 1, "sinceSeconds");
    if (!causes.empty())
        return api::invalid("", "PodLogOptions", "", std::move(causes));
    return options;
}
} // namespace

Result<Answer> planLog(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(PodLogOptions options, logOptions(call.query));
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    const Json& pod = *call.old;
    const std::string* asked = parameter(call.query, "container");
    ORRERY_TRY_ASSIGN(options.container, containerOf(pod, asked ? *asked : "", call.info.name));
    Answer answer;
    options.nodeName = stringAt(pod, "spec.nodeName");
    if (options.nodeName.empty()) { // nothing runs yet, so nothing was said
        answer.code = 204;
        return answer;
    }
    if (!core.nodes)
        return internalError("no node answers for logs");
    options.namespace_ = call.info.namespace_;
    options.pod = call.info.name;
    answer.logs = std::move(options);
    return answer;
}

Result<Answer> refuseStreaming(ServerCore& core, Call& call) {
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    const std::string node(stringAt(*call.old, "spec.nodeName"));
    if (node.empty())
        return badRequest("pod " + call.info.name + " does not have a host assigned");
    return badRequest(core.nodes ? core.nodes->streamingRefusal(node)
                                 : "no node answers for streams");
}

Result<Answer> refuseProxy(ServerCore& core, Call& call) {
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    // DIVERGES: nodes of this cluster take no connections from the API server yet.
    return badRequest("proxying to " + call.info.resource + " is not supported by this cluster");
}

} // namespace orrery::apiserver
