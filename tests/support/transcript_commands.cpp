// What changes something.
#include <fstream>
#include <sstream>

#include "tests/support/transcript.h"

namespace orrery::tests {

namespace {
Duration durationOf(const std::string& text, Duration otherwise) {
    const Result<Duration> span = parseDuration(text);
    return span ? *span : otherwise;
}
} // namespace

// nodes w1 w2 [cpu=2] [memory=4Gi] [pods=10]: makes them, and waits until they are Ready.
void TranscriptSession::nodes(const Command& command) {
    fleet::NodeSize size;
    for (const std::string& word : command.words) {
        if (word.starts_with("cpu="))
            size.cpu = word.substr(4);
        else if (word.starts_with("memory="))
            size.memory = word.substr(7);
        else if (word.starts_with("pods="))
            size.pods = word.substr(5);
    }
    for (std::size_t i = 1; i < command.words.size(); ++i)
        if (command.words[i].find('=') == std::string::npos) {
            size.name = command.words[i];
            world_.cluster().fleet().addNode(size);
        }
    settle(command);
}

// apply FILE, or apply <<END
void TranscriptSession::apply(const Command& command) {
    std::string file = "the transcript", text = command.text;
    if (text.empty()) {
        file = command.words.size() > 1 ? command.words[1] : "";
        std::ifstream stream(sourceDir_ + "/" + file);
        std::stringstream bytes;
        bytes << stream.rdbuf();
        if (!stream)
            return fail("can't read " + file);
        text = bytes.str();
    }
    for (const std::string& failure : world_.apply(file, text))
        fail(failure);
}

// settle [QUIET]: until nothing but heartbeats was written for QUIET (5s).
void TranscriptSession::settle(const Command& command) {
    const bool asked = command.words.front() == "settle" && command.words.size() > 1;
    if (!world_.settle(asked ? durationOf(command.words[1], std::chrono::seconds(5))
                             : std::chrono::seconds(5)))
        fail("it does not settle");
}

void TranscriptSession::advance(const Command& command) {
    const Result<Duration> span = parseDuration(command.words.size() > 1 ? command.words[1] : "");
    if (!span)
        return fail(span.error().message);
    world_.advance(*span);
}

void TranscriptSession::killNode(const Command& command) {
    for (std::size_t i = 1; i < command.words.size(); ++i)
        if (!world_.cluster().fleet().killNode(command.words[i]))
            fail("no kubelet runs on " + command.words[i]);
}

void TranscriptSession::startNode(const Command& command) {
    for (std::size_t i = 1; i < command.words.size(); ++i)
        if (!world_.cluster().fleet().startNode(command.words[i]))
            fail("there is no stopped node " + command.words[i]);
}

// scale deployment/web 5
void TranscriptSession::scale(const Command& command) {
    if (command.words.size() != 3)
        return fail("scale KIND/NAME COUNT");
    const auto at = target(command.words[1]);
    if (!at)
        return;
    client::ResourcePath path = world_.path(*at->kind, namespace_, at->name);
    path.subresource = "scale";
    check(world_.send("patch", path,
                      JsonObject{{"spec", JsonObject{{"replicas", std::stoll(command.words[2])}}}},
                      client::PatchType::Merge));
}

// set image deployment/web nginx=nginx:1.27
void TranscriptSession::setImage(const Command& command) {
    const std::size_t equals =
        command.words.size() == 4 ? command.words[3].find('=') : std::string::npos;
    if (equals == std::string::npos)
        return fail("set image KIND/NAME CONTAINER=IMAGE");
    const auto at = target(command.words[2]);
    if (!at)
        return;
    Json patch = JsonObject{};
    setPath(patch, "spec.template.spec.containers",
            JsonArray{JsonObject{{"name", command.words[3].substr(0, equals)},
                                 {"image", command.words[3].substr(equals + 1)}}});
    check(world_.send("patch", world_.path(*at->kind, namespace_, at->name), std::move(patch),
                      client::PatchType::StrategicMerge));
}

// patch deployment/web '{"spec": ...}' (a strategic merge patch)
void TranscriptSession::patch(const Command& command) {
    if (command.words.size() != 3)
        return fail("patch KIND/NAME JSON");
    const auto at = target(command.words[1]);
    Result<Json> body = parseJson(command.words[2]);
    if (!body)
        return fail(body.error().message);
    if (at)
        check(world_.send("patch", world_.path(*at->kind, namespace_, at->name), std::move(*body),
                          client::PatchType::StrategicMerge));
}

// delete KIND/NAME [--cascade=background|foreground|orphan] [--grace=SECONDS]
void TranscriptSession::remove(const Command& command) {
    const auto at = command.words.size() > 1 ? target(command.words[1]) : std::nullopt;
    if (!at)
        return;
    const std::string cascade = flagOf(command, "--cascade"), grace = flagOf(command, "--grace");
    JsonObject options{{"propagationPolicy", cascade == "foreground" ? "Foreground"
                                             : cascade == "orphan"   ? "Orphan"
                                                                     : "Background"}};
    if (!grace.empty())
        options["gracePeriodSeconds"] = std::stoll(grace);
    check(world_.send("delete", world_.path(*at->kind, namespace_, at->name),
                      Json(std::move(options))));
}

// cordon w1, uncordon w1
void TranscriptSession::cordon(const Command& command) {
    const api::KindDef* nodes = world_.kind("nodes");
    for (std::size_t i = 1; i < command.words.size(); ++i)
        check(world_.send(
            "patch", world_.path(*nodes, "", command.words[i]),
            JsonObject{{"spec", JsonObject{{"unschedulable", command.words[0] == "cordon"}}}},
            client::PatchType::Merge));
}

// taint w1 team=blue:NoSchedule; taint w1 team-
void TranscriptSession::taint(const Command& command) {
    if (command.words.size() != 3)
        return fail("taint NODE KEY=VALUE:EFFECT, or KEY-");
    const api::KindDef* nodes = world_.kind("nodes");
    const EncodedPtr node = world_.find(*nodes, "", command.words[1]);
    if (!node)
        return fail("nodes \"" + command.words[1] + "\" not found");
    const std::string& text = command.words[2];
    const bool removes = text.ends_with('-');
    const std::size_t colon = text.find(':'), equals = std::min(text.find('='), colon);
    const std::string key = removes ? text.substr(0, text.size() - 1) : text.substr(0, equals);
    JsonArray taints;
    for (const Json& one : arrayAt(node->tree(), "spec.taints"))
        if (stringAt(one, "key") != key)
            taints.push_back(one);
    if (!removes && colon != std::string::npos) {
        JsonObject added{{"key", key}, {"effect", text.substr(colon + 1)}};
        if (equals < colon)
            added["value"] = text.substr(equals + 1, colon - equals - 1);
        taints.push_back(std::move(added));
    }
    check(world_.send("patch", world_.path(*nodes, "", command.words[1]),
                      JsonObject{{"spec", JsonObject{{"taints", std::move(taints)}}}},
                      client::PatchType::Merge));
}

// drain w1: cordons it, then evicts its pods one after the other, as kubectl does.
void TranscriptSession::drain(const Command& command) {
    cordon({{"cordon", command.words[1]}, "", ""});
    const api::KindDef* pods = world_.kind("pods");
    for (const EncodedPtr& pod : world_.list(*pods)) {
        if (stringAt(pod->tree(), "spec.nodeName") != command.words[1])
            continue;
        const std::string name(stringAt(pod->tree(), "metadata.name"));
        const std::string in(stringAt(pod->tree(), "metadata.namespace"));
        client::ResourcePath path = world_.path(*pods, in, name);
        path.subresource = "eviction";
        check(world_.send("create", path,
                          JsonObject{{"apiVersion", "policy/v1"},
                                     {"kind", "Eviction"},
                                     {"metadata", JsonObject{{"name", name}, {"namespace", in}}}}));
    }
}

Loop* TranscriptSession::loop(const std::string& name) {
    Loop* found = world_.cluster().loops().byName(name);
    if (!found)
        fail("there is no loop \"" + name + "\"");
    return found;
}

// pause LOOP, step LOOP, resume LOOP
void TranscriptSession::pause(const Command& command) {
    Loop* found = command.words.size() > 1 ? loop(command.words[1]) : nullptr;
    if (!found)
        return;
    if (command.words[0] == "pause")
        found->pause();
    else if (command.words[0] == "resume")
        found->resume();
    else
        found->step();
    world_.sim().runPosted();
}

// namespace blue: what later commands are about
void TranscriptSession::instead(const Command& command) {
    namespace_ = command.words.size() > 1 ? command.words[1] : "default";
}

} // namespace orrery::tests
