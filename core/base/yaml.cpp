#include "core/base/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace orrery {

namespace {
constexpr int kNodesMax = 1'000'000;

bool oneOf(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// An integer of YAML 1.1 (decimal, 0x, 0o, 0b, leading-zero octal, underscores), or a float.
bool plainNumber(std::string_view text, Json& out) {
    if (text.empty() || text.find_first_of("0123456789") == std::string_view::npos)
        return false;
    std::string cleaned;
    for (char c : text)
        if (c != '_')
            cleaned.push_back(c);
    const bool negative = cleaned.front() == '-';
    std::string_view body(cleaned);
    if (negative || cleaned.front() == '+')
        body.remove_prefix(1);
    int base = 10;
    if (body.size() > 2 && body[0] == '0' && (body[1] == 'x' || body[1] == 'o' || body[1] == 'b')) {
        base = body[1] == 'x' ? 16 : body[1] == 'o' ? 8 : 2;
        body.remove_prefix(2);
    } else if (body.size() > 1 && body[0] == '0' &&
               body.find_first_not_of("01234567") == std::string_view::npos) {
        base = 8;
    }
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(body.data(), body.data() + body.size(), number, base);
    if (code == std::errc() && end == body.data() + body.size()) {
        if (negative && number <= 1ULL << 63)
            out = static_cast<std::int64_t>(0 - number);
        else if (!negative && number < 1ULL << 63)
            out = static_cast<std::int64_t>(number);
        else
            out = number;
        return true;
    }
    if (cleaned.find_first_not_of("0123456789.eE+-") != std::string::npos)
        return false;
    char* stop = nullptr;
    const double real = std::strtod(cleaned.c_str(), &stop);
    if (stop != cleaned.c_str() + cleaned.size())
        return false;
    out = real;
    return true;
}

Json plainScalar(const std::string& text) {
    if (oneOf(text, {"", "~", "null", "Null", "NULL"}))
        return nullptr;
    if (oneOf(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"}))
        return true;
    if (oneOf(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"}))
        return false;
    Json number;
    if (plainNumber(text, number))
        return number;
    return Json(text);
}

class Converter {
  public:
    Result<Json> convert(const YAML::Node& node, int depth) {
        if (depth > kJsonDepthMax)
            return fail(node, "nested too deeply");
        if (++nodes_ > kNodesMax)
            return fail(node, "too many values");
        switch (node.Type()) {
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null:
            return Json(nullptr);
        case YAML::NodeType::Scalar:
            return node.Tag() == "?" ? plainScalar(node.Scalar()) : Json(node.Scalar());
        case YAML::NodeType::Sequence:
            return sequence(node, depth);
        case YAML::NodeType::Map:
            return mapping(node, depth);
        }
        return fail(node, "unknown kind of node");
    }

  private:
    Result<Json> sequence(const YAML::Node& node, int depth) {
        JsonArray array;
        array.reserve(node.size());
        for (const YAML::Node& child : node) {
            ORRERY_TRY_ASSIGN(Json value, convert(child, depth + 1));
            array.push_back(std::move(value));
        }
        return Json(std::move(array));
    }

    Result<Json> mapping(const YAML::Node& node, int depth) {
        JsonObject object;
        for (const auto& child : node) {
            if (!child.first.IsScalar())
                return fail(child.first, "a key must be a plain text");
            const std::string& key = child.first.Scalar();
            if (key == "<<" && child.second.IsMap()) { // merge key: what is there already wins
                ORRERY_TRY_ASSIGN(Json merged, mapping(child.second, depth + 1));
                for (auto& [name, value] : merged.get_object())
                    if (!object.contains(name))
                        object[name] = value;
                continue;
            }
            ORRERY_TRY_ASSIGN(Json value, convert(child.second, depth + 1));
            if (object.contains(key))
                return fail(child.first, "key \"" + key + "\" already set in map");
            object[key] = std::move(value);
        }
        return Json(std::move(object));
    }

    static Error fail(const YAML::Node& node, const std::string& why) {
        const YAML::Mark mark = node.Mark();
        return badRequest("line " + std::to_string(mark.line + 1) + ", column " +
                          std::to_string(mark.column + 1) + ": " + why);
    }

    int nodes_ = 0;
};

// Would a plain `text` read back as something else than this string?
bool needsQuotes(std::string_view text) {
    if (text.empty() || !plainScalar(std::string(text)).is_string())
        return true;
    if (text.front() == ' ' || text.back() == ' ' || text.back() == ':')
        return true;
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`").find(text.front()) != std::string_view::npos &&
        !(text.front() == '-' && text.size() > 1 && text[1] != ' '))
        return true;
    if (text.substr(0, 3) == "---" || text == "=")
        return true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned char c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f)
            return true;
        if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ' ')
            return true;
        if (text[i] == '#' && i > 0 && text[i - 1] == ' ')
            return true;
    }
    return false;
}

void emitString(std::string_view text, int indent, std::string& out) {
    const bool lines = text.find('\n') != std::string_view::npos &&
                       text.find_first_of("\r\t") == std::string_view::npos &&
                       text.front() != ' ' && text.front() != '\n' &&
                       text.find(" \n") == std::string_view::npos;
    if (lines) {
        out += text.back() != '\n' ? "|-" : text.ends_with("\n\n") ? "|+" : "|";
        std::string_view rest = text;
        if (rest.back() == '\n')
            rest.remove_suffix(1);
        while (true) {
            const std::size_t end = rest.find('\n');
            const std::string_view line = rest.substr(0, end);
            out += '\n';
            if (!line.empty())
                out.append(static_cast<std::size_t>(indent), ' ').append(line);
            if (end == std::string_view::npos)
                break;
            rest.remove_prefix(end + 1);
        }
        return;
    }
    if (needsQuotes(text))
        out += serializeJson(Json(text));
    else
        out += text;
}

void emitNode(const Json& value, int indent, bool inList, std::string& out);

void emitObject(const JsonObject& object, int indent, bool inList, std::string& out) {
    std::vector<std::string_view> keys;
    for (const auto& member : object)
        keys.push_back(member.key());
    std::sort(keys.begin(), keys.end());
    bool first = true;
    for (const std::string_view key : keys) {
        if (!(first && inList))
            out.append(static_cast<std::size_t>(indent), ' ');
        first = false;
        if (needsQuotes(key))
            out += serializeJson(Json(key));
        else
            out += key;
        out += ':';
        const Json& value = object.at(key);
        const bool block = (value.is_object() && !value.get_object().empty()) ||
                           (value.is_array() && !value.get_array().empty());
        out += block ? "\n" : " ";
        // Lists stand at their key's own column, as kubectl prints them.
        emitNode(value, value.is_array() ? indent : indent + 2, false, out);
    }
}

void emitNode(const Json& value, int indent, bool inList, std::string& out) {
    if (const JsonObject* object = value.if_object(); object && !object->empty())
        return emitObject(*object, indent, inList, out);
    if (const JsonArray* array = value.if_array(); array && !array->empty()) {
        bool first = true;
        for (const Json& item : *array) {
            if (!(first && inList))
                out.append(static_cast<std::size_t>(indent), ' ');
            first = false;
            out += "- ";
            emitNode(item, indent + 2, true, out);
        }
        return;
    }
    if (value.is_string())
        emitString(asString(value), std::max(indent, 2), out);
    else
        out += serializeJson(value);
    out += '\n';
}
} // namespace

Result<std::vector<YamlDocument>> parseYaml(std::string_view text) {
    std::vector<YamlDocument> documents;
    try {
        for (const YAML::Node& node : YAML::LoadAll(std::string(text))) {
            if (!node.IsDefined() || node.IsNull())
                continue;
            ORRERY_TRY_ASSIGN(Json value, Converter().convert(node, 0));
            documents.push_back({node.Mark().line + 1, std::move(value)});
        }
    } catch (const YAML::Exception& error) {
        return badRequest("line " + std::to_string(error.mark.line + 1) + ", column " +
                          std::to_string(error.mark.column + 1) + ": " + error.msg);
    }
    return documents;
}

std::string emitYaml(const Json& value) {
    std::string out;
    emitNode(value, 0, false, out);
    return out;
}

} // namespace orrery
