// What looks, and prints only what does not change with durations and counters.
#include <algorithm>
#include <set>

#include "core/api/selectors.h"
#include "core/api/tables.h"
#include "tests/support/transcript.h"

namespace orrery::tests {

namespace {
const std::set<std::string> kUnstable = {"Age", "Duration", "Version", "Cluster-IP", "External-IP"};

std::string cellText(const Json& cell) {
    std::string text = cell.is_string() ? std::string(asString(cell)) : serializeJson(cell);
    // "2 (14s ago)"
    if (const std::size_t at = text.find(" ("); at != std::string::npos && text.ends_with("ago)"))
        text.resize(at);
    return text;
}

std::string upper(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string rendered(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] + 3 - row[i].size(), ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

bool isTerminating(const store::KeyValuePtr& state) {
    return state && state->value && findPath(state->value->tree(), "metadata.deletionTimestamp");
}

// Created, or marked deleted (a deletion without a grace period is both at once).
bool beginsOrEnds(const store::Event& event) {
    if (event.type == store::Event::Type::Delete)
        return !isTerminating(event.previous);
    return event.current->version == 1 ||
           (isTerminating(event.current) && !isTerminating(event.previous));
}

const char* verbOf(const store::Event& event) {
    return event.type == store::Event::Type::Put && event.current->version == 1 ? "created"
                                                                                : "deleted";
}

const Json& objectOf(const store::Event& event) {
    const store::KeyValuePtr& state =
        event.current && event.current->value ? event.current : event.previous;
    return state->value->tree();
}
} // namespace

// get KIND [-l SELECTOR] [-o wide]: wide tells the nodes of pods.
void TranscriptSession::getObjects(const Command& command) {
    const api::KindDef* kind = command.words.size() > 1 ? world_.kind(command.words[1]) : nullptr;
    if (!kind)
        return fail("the server doesn't have that resource type");
    const Result<api::LabelFilter> filter = api::LabelFilter::parse(flagOf(command, "-l"));
    if (!filter)
        return fail(filter.error().message);
    const bool nodes = kind->plural == "pods" && flagOf(command, "-o") == "wide";
    const auto& columns = kind->columns.empty()
                              ? api::columnsFor(kind->group, kind->version, kind->kind)
                              : kind->columns;
    std::vector<std::size_t> shown;
    std::vector<std::vector<std::string>> rows;
    for (const EncodedPtr& object :
         world_.list(*kind, kind->scope == api::Scope::Namespaced ? namespace_ : "")) {
        if (!filter->matches(object->tree()))
            continue;
        const Json row =
            api::tableRow(*kind, object->tree(), api::IncludeObject::None, world_.env().now());
        const JsonArray& cells = arrayAt(row, "cells");
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (columns[i].priority == 0 && !kUnstable.contains(columns[i].name))
                texts.push_back(aliased(cellText(cells[i])));
        if (nodes)
            texts.emplace_back(stringAt(object->tree(), "spec.nodeName", "<none>"));
        rows.push_back(std::move(texts));
    }
    if (rows.empty())
        return print("No resources found");
    std::sort(rows.begin(), rows.end());
    std::vector<std::string> header;
    for (const api::Column& column : columns)
        if (column.priority == 0 && !kUnstable.contains(column.name))
            header.push_back(upper(column.name));
    if (nodes)
        header.emplace_back("NODE");
    rows.insert(rows.begin(), std::move(header));
    out_ += rendered(rows);
}

// events [KIND/NAME] [--reason=A,B]: in the order of their making.
void TranscriptSession::events(const Command& command) {
    const std::string reasons = "," + flagOf(command, "--reason") + ",";
    std::optional<Target> about;
    if (command.words.size() > 1 && !command.words[1].starts_with("--") &&
        !(about = target(command.words[1])))
        return;
    std::vector<EncodedPtr> found =
        world_.list(*world_.kind("events"),
                    about && about->kind->scope == api::Scope::Cluster ? "" : namespace_);
    std::stable_sort(found.begin(), found.end(), [](const EncodedPtr& a, const EncodedPtr& b) {
        return stringAt(a->tree(), "metadata.creationTimestamp") <
               stringAt(b->tree(), "metadata.creationTimestamp");
    });
    for (const EncodedPtr& event : found) {
        const Json& tree = event->tree();
        const std::string reason(stringAt(tree, "reason")),
            kind(stringAt(tree, "involvedObject.kind"));
        const std::string name(stringAt(tree, "involvedObject.name"));
        if (reasons != ",," && reasons.find("," + reason + ",") == std::string::npos)
            continue;
        if (about && (kind != about->kind->kind || name != about->name))
            continue;
        const std::int64_t count = std::max(intAt(tree, "count"), intAt(tree, "series.count"));
        print(std::string(stringAt(tree, "type")) + " " + reason + " " + kind + "/" + name + ": " +
              std::string(stringAt(tree, "message")) +
              (count > 1 ? " (x" + std::to_string(count) + ")" : ""));
    }
}

// "w1/web-1" for a pod with a node, else "deployment/web".
std::string TranscriptSession::titleOf(const std::string& key, const Json& object) const {
    const api::KindDef* kind = nullptr;
    for (const api::KindDef* one : const_cast<SimWorld&>(world_).cluster().kinds().all())
        if (key.starts_with(one->keyPrefix()) &&
            (!kind || one->keyPrefix().size() > kind->keyPrefix().size()))
            kind = one;
    if (!kind)
        return key;
    const std::string name = key.substr(key.rfind('/') + 1);
    const std::string in(stringAt(object, "metadata.namespace"));
    const std::string where = in.empty() || in == "default" ? "" : in + "/";
    const std::string_view node = kind->plural == "pods" ? stringAt(object, "spec.nodeName") : "";
    return (node.empty() ? kind->singular : std::string(node)) + "/" + where + name;
}

std::string TranscriptSession::nameOf(const store::Event& event) const {
    return titleOf(keyOf(event), objectOf(event));
}

// why KIND -l SELECTOR: for each object, also those that are gone, how it came or went at last.
void TranscriptSession::whyEach(const api::KindDef& kind, const std::string& selector) {
    const Result<api::LabelFilter> filter = api::LabelFilter::parse(selector);
    if (!filter)
        return fail(filter.error().message);
    std::map<std::string, const store::Event*> last; // by uid
    std::map<std::string, std::string> nodeOf;
    for (const store::EventPtr& event : world_.history()) {
        if (!keyOf(*event).starts_with(kind.keyPrefix()) || !filter->matches(objectOf(*event)))
            continue;
        const std::string uid(stringAt(objectOf(*event), "metadata.uid"));
        nodeOf[uid] = titleOf(keyOf(*event), objectOf(*event));
        if (beginsOrEnds(*event))
            last[uid] = event.get();
    }
    std::vector<std::pair<const store::Event*, std::string>> lines;
    for (const auto& [uid, event] : last)
        lines.emplace_back(event, nodeOf[uid]);
    // What happens in one second has no order that anyone relies on.
    std::sort(lines.begin(), lines.end(), [this](const auto& a, const auto& b) {
        const auto second = [](const store::Event& event) {
            return std::chrono::floor<std::chrono::seconds>(event.at);
        };
        return std::pair(second(*a.first), aliased(a.second)) <
               std::pair(second(*b.first), aliased(b.second));
    });
    for (const auto& [event, name] : lines)
        print(name + " " + verbOf(*event) + " by " + event->cause->actor + " because " +
              event->cause->because);
}

// why KIND/NAME: the chain from its newest change up to a request.
void TranscriptSession::why(const Command& command) {
    const std::string selector = flagOf(command, "-l");
    if (!selector.empty()) {
        const api::KindDef* kind = world_.kind(command.words[1]);
        return kind ? whyEach(*kind, selector) : fail("the server doesn't have that resource type");
    }
    const auto at = command.words.size() > 1 ? target(command.words[1]) : std::nullopt;
    if (!at)
        return;
    const Result<Json> chain =
        world_.get("/orrery/v1/why?group=" + at->kind->group + "&version=" + at->kind->version +
                   "&resource=" + at->kind->plural +
                   "&namespace=" + (at->kind->scope == api::Scope::Namespaced ? namespace_ : "") +
                   "&name=" + at->name);
    if (!chain)
        return fail(chain.error().message);
    std::map<std::int64_t, const store::Event*> byRevision;
    for (const store::EventPtr& event : world_.history())
        byRevision[event->revision] = event.get();
    for (const Json& link : arrayAt(*chain, "links")) {
        const auto event = byRevision.find(intAt(link, "revision"));
        const std::string request(stringAt(link, "request"));
        print((event == byRevision.end() ? std::string(stringAt(link, "object"))
                                         : nameOf(*event->second)) +
              " " + std::string(stringAt(link, "verb")) + " by " +
              std::string(stringAt(link, "actor")) + " because " +
              std::string(stringAt(link, "because")) +
              (request.empty() ? "" : " (" + request + ")"));
        if (intAt(link, "wokenBy") == 0)
            return; // what follows is the story of earlier changes
    }
}

// stations POD
void TranscriptSession::stations(const Command& command) {
    const std::string name = realName(command.words.size() > 1 ? command.words[1] : "");
    const Result<Json> answer =
        world_.get("/orrery/v1/stations?namespace=" + namespace_ + "&name=" + name);
    if (!answer)
        return fail(answer.error().message);
    for (const Json& one : arrayAt(*answer, "stations")) {
        std::string note(stringAt(one, "note"));
        note.erase(note.find_last_not_of(' ') + 1);
        print(std::string(stringAt(one, "station")) + (note.empty() ? "" : ": " + note));
    }
}

// recent LOOP: its last steps.
void TranscriptSession::recent(const Command& command) {
    const Loop* found = command.words.size() > 1 ? loop(command.words[1]) : nullptr;
    if (!found)
        return;
    for (const LoopStep& step : found->recent())
        print(step.key + ": " + step.woken + ": " + step.decided +
              (step.error.empty() ? "" : ": error: " + step.error));
}

// loops NAME...: paused or not, and what waits.
void TranscriptSession::loops(const Command& command) {
    for (std::size_t i = 1; i < command.words.size(); ++i) {
        const Loop* found = loop(command.words[i]);
        if (!found)
            continue;
        std::string line = found->name() + (found->paused() ? " is paused, " : " runs, ") +
                           std::to_string(found->queueLength()) + " queued";
        for (const std::string& key : found->queued(10))
            line += " " + key;
        print(line);
    }
}

} // namespace orrery::tests
