#include "core/api/openapi_facts.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/error.h"

extern "C" {
extern const char orrery_openapi_facts[];
extern const char orrery_openapi_facts_end[];
extern const char orrery_openapi_words[];
extern const char orrery_openapi_words_end[];
}

namespace orrery::api {

namespace {
constexpr std::string_view kPrefix = "io.k8s.api.";

// The text before `separator`; `rest` becomes what follows it.
std::string_view take(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}

OpenApiFieldFacts& fieldIn(OpenApiTypeFacts& type, std::string_view name) {
    if (type.fields.empty() || type.fields.back().name != name) // they come in order
        type.fields.push_back({name, {}, {}, {}, {}, {}, false});
    return type.fields.back();
}

// "replicas=1", "protocol:SCTP|TCP|UDP", "accessModes[]:...", "items~"
void readField(OpenApiTypeFacts& type, std::string_view fact) {
    if (fact.ends_with('~')) {
        fieldIn(type, fact.substr(0, fact.size() - 1)).noListType = true;
        return;
    }
    const std::size_t mark = fact.find_first_of("=:!");
    ORRERY_ASSERT(mark != std::string_view::npos);
    std::string_view name = fact.substr(0, mark);
    const std::string_view value = fact.substr(mark + 1);
    if (fact[mark] == '=') {
        fieldIn(type, name).defaultJson = value;
    } else if (fact[mark] == '!') {
        fieldIn(type, name).extension = value;
    } else if (name.ends_with("[]")) {
        name.remove_suffix(2);
        fieldIn(type, name).itemValues = value;
    } else if (name.ends_with("{}")) {
        name.remove_suffix(2);
        fieldIn(type, name).mapValues = value;
    } else {
        fieldIn(type, name).values = value;
    }
}

std::string_view lastPart(std::string_view type) {
    return type.substr(type.rfind('.') + 1);
}
} // namespace

const OpenApiFieldFacts* OpenApiTypeFacts::field(std::string_view name) const {
    const auto at = std::lower_bound(
        fields.begin(), fields.end(), name,
        [](const auto& each, std::string_view wanted) { return each.name < wanted; });
    return at != fields.end() && at->name == name ? &*at : nullptr;
}

const OpenApiFacts& OpenApiFacts::builtIn() {
    const auto embedded = [](const char* begin, const char* end) {
        return std::string_view(begin, static_cast<std::size_t>(end - begin));
    };
    static const OpenApiFacts facts(embedded(orrery_openapi_facts, orrery_openapi_facts_end),
                                    embedded(orrery_openapi_words, orrery_openapi_words_end));
    return facts;
}

OpenApiFacts::OpenApiFacts(std::string_view facts, std::string_view words) {
    readFacts(facts);
    readWords(words);
    digest_ = sha256(std::string(facts).append(words));
}

void OpenApiFacts::readFacts(std::string_view text) {
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        const std::string_view what = take(line, ' ');
        OpenApiTypeFacts& type = types_[take(line, ' ')];
        if (what == "U")
            type.unions = line;
        else if (what == "2")
            type.version2 = line;
        else if (what == "3")
            type.version3 = line;
        else
            while (!line.empty())
                readField(type, take(line, '\t'));
    }
}

void OpenApiFacts::readWords(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = take(text, '\n');
        const std::size_t colon = line.find(": ");
        if (line.starts_with('#') || colon == std::string_view::npos)
            continue;
        words_.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
}

const OpenApiTypeFacts* OpenApiFacts::type(std::string_view type) const {
    const auto at = types_.find(type.starts_with(kPrefix) ? type.substr(kPrefix.size()) : type);
    return at == types_.end() ? nullptr : &at->second;
}

std::string_view OpenApiFacts::describeType(std::string_view type) const {
    const auto at = words_.find(lastPart(type));
    return at == words_.end() ? std::string_view() : at->second;
}

std::string_view OpenApiFacts::describeField(std::string_view type, std::string_view field) const {
    std::string name(lastPart(type));
    name.append(1, '.').append(field);
    auto at = words_.find(name);
    if (at == words_.end())
        at = words_.find(std::string("*.").append(field));
    return at == words_.end() ? std::string_view() : at->second;
}

} // namespace orrery::api
