#include "core/api/protobuf_facts.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"

extern "C" {
extern const char orrery_protobuf_facts[];
extern const char orrery_protobuf_facts_end[];
}

namespace orrery::api {

namespace {
// The text before `separator`; `rest` becomes what follows it.
std::string_view take(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}
} // namespace

const ProtobufField* ProtobufMessage::field(std::uint32_t number) const {
    for (const ProtobufField& candidate : fields)
        if (candidate.number == number)
            return &candidate;
    return nullptr;
}

const ProtobufFacts& ProtobufFacts::builtIn() {
    static const ProtobufFacts facts{std::string_view(
        orrery_protobuf_facts,
        static_cast<std::size_t>(orrery_protobuf_facts_end - orrery_protobuf_facts))};
    return facts;
}

ProtobufFacts::ProtobufFacts(std::string_view text) {
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        const std::string_view what = take(line, ' ');
        if (what == "M") {
            addMessage(line);
        } else {
            const std::string_view apiVersion = take(line, ' ');
            const std::string_view kind = take(line, ' ');
            bodies_[{apiVersion, kind}] = &messages_[line];
            kinds_[line].emplace_back(apiVersion, kind);
        }
    }
    schemaProps_ =
        &messages_["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"];
    ORRERY_ASSERT(!schemaProps_->fields.empty());
}

void ProtobufFacts::addMessage(std::string_view rest) {
    ProtobufMessage& message = messages_[take(rest, ' ')];
    while (!rest.empty()) {
        ProtobufField field;
        const std::string_view number = take(rest, ' ');
        std::from_chars(number.data(), number.data() + number.size(), field.number);
        ORRERY_ASSERT(field.number > 0);
        field.name = take(rest, ' ');
        std::string_view type = take(rest, ' ');
        if (type.front() == '*' || type.front() == '%') {
            field.label =
                type.front() == '*' ? ProtobufField::Label::List : ProtobufField::Label::Map;
            type.remove_prefix(1);
        }
        if (type.size() == 1)
            field.type = type.front();
        else
            field.message = &messages_[type]; // a map's nodes stay where they are
        message.fields.push_back(field);
    }
    std::sort(message.fields.begin(), message.fields.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
}

const ProtobufMessage* ProtobufFacts::body(std::string_view apiVersion,
                                           std::string_view kind) const {
    const auto at = bodies_.find({apiVersion, kind});
    return at == bodies_.end() ? nullptr : at->second;
}

const std::vector<std::pair<std::string_view, std::string_view>>&
ProtobufFacts::kindsOf(std::string_view type) const {
    static const std::vector<Body> kNone;
    constexpr std::string_view kPrefix = "io.k8s.api.";
    const auto at = kinds_.find(type.starts_with(kPrefix) ? type.substr(kPrefix.size()) : type);
    return at == kinds_.end() ? kNone : at->second;
}

} // namespace orrery::api
