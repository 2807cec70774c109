#include "core/base/json.h"

#include <array>
#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/src.hpp>

namespace orrery {

namespace {
// Line and column (both from 1) of a byte offset.
std::string position(std::string_view text, std::size_t offset) {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// The first step of a dotted path; `path` becomes the rest.
std::string_view takeStep(std::string_view& path) {
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    return step;
}

// Compact JSON into a buffer that lives as long as its thread, so that a text is allocated once and
// has its size. The library's own serializer can stop at any character; nobody needs that here, and
// a write spends a tenth of its time in it.
class JsonWriter {
  public:
    std::string write(const Json& value) {
        used_ = 0;
        putValue(value);
        std::string text(buffer_.get(), used_);
        if (size_ > kKeptBytesMax) {
            buffer_.reset();
            size_ = 0;
        }
        return text;
    }

  private:
    static constexpr std::size_t kKeptBytesMax = 1 << 20;

    // The place for `bytes` more.
    char* room(std::size_t bytes) {
        if (size_ - used_ < bytes) {
            const std::size_t larger = std::max<std::size_t>({4096, size_ * 2, used_ + bytes});
            auto moved = std::make_unique_for_overwrite<char[]>(larger);
            std::copy_n(buffer_.get(), used_, moved.get());
            buffer_ = std::move(moved);
            size_ = larger;
        }
        return buffer_.get() + used_;
    }
    void putChar(char one) {
        *room(1) = one;
        ++used_;
    }
    void putText(std::string_view text) {
        std::copy(text.begin(), text.end(), room(text.size()));
        used_ += text.size();
    }
    template <typename Integer> void putInteger(Integer value) {
        constexpr std::size_t kDigitsMax = 24;
        char* begin = room(kDigitsMax);
        used_ +=
            static_cast<std::size_t>(std::to_chars(begin, begin + kDigitsMax, value).ptr - begin);
    }
    // The letter of a two-character escape, 'u' for a numbered one, or 0 for what stands as it is.
    static char escapeOf(char one) {
        switch (one) {
        case '"':
        case '\\':
            return one;
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return static_cast<unsigned char>(one) < 0x20 ? 'u' : '\0';
        }
    }
    static constexpr std::array<bool, 256> kPlain = [] {
        std::array<bool, 256> plain{};
        for (std::size_t at = 0x20; at < plain.size(); ++at)
            plain[at] = at != '"' && at != '\\';
        return plain;
    }();
    void putString(std::string_view text) {
        putChar('"');
        std::size_t begin = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (kPlain[static_cast<unsigned char>(text[at])])
                continue;
            putText(text.substr(begin, at - begin));
            begin = at + 1;
            putChar('\\');
            const char letter = escapeOf(text[at]);
            putChar(letter);
            if (letter == 'u') {
                constexpr std::string_view kHex = "0123456789abcdef";
                putText("00");
                putChar(text[at] < 0x10 ? '0' : '1');
                putChar(kHex[static_cast<std::size_t>(text[at]) & 15]);
            }
        }
        putText(text.substr(begin));
        putChar('"');
    }
    void putValue(const Json& value) {
        switch (value.kind()) {
        case JsonKind::null:
            return putText("null");
        case JsonKind::bool_:
            return putText(value.get_bool() ? "true" : "false");
        case JsonKind::int64:
            return putInteger(value.get_int64());
        case JsonKind::uint64:
            return putInteger(value.get_uint64());
        case JsonKind::double_: // rare, and its form is the library's
            return putText(std::string_view(boost::json::serialize(value)));
        case JsonKind::string:
            return putString(asString(value));
        case JsonKind::array:
            return putArray(value.get_array());
        case JsonKind::object:
            return putObject(value.get_object());
        }
    }
    void putArray(const JsonArray& array) {
        putChar('[');
        for (std::size_t at = 0; at < array.size(); ++at) {
            if (at > 0)
                putChar(',');
            putValue(array[at]);
        }
        putChar(']');
    }
    void putObject(const JsonObject& object) {
        putChar('{');
        bool first = true;
        for (const auto& member : object) {
            if (!std::exchange(first, false))
                putChar(',');
            putString(member.key());
            putChar(':');
            putValue(member.value());
        }
        putChar('}');
    }

    std::unique_ptr<char[]> buffer_;
    std::size_t size_ = 0, used_ = 0;
};
} // namespace

Result<Json> parseJson(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kJsonDepthMax;
    boost::json::parser parser({}, options);
    boost::json::error_code code;
    const std::size_t used = parser.write_some(text.data(), text.size(), code);
    if (!code && used < text.size()) {
        const std::size_t rest = text.find_first_not_of(" \t\r\n", used);
        if (rest != std::string_view::npos)
            return badRequest("invalid JSON at " + position(text, rest) +
                              ": extra data after the value");
    }
    if (code)
        return badRequest("invalid JSON at " + position(text, used) + ": " + code.message());
    return parser.release();
}

std::string serializeJson(const Json& value) {
    thread_local JsonWriter writer;
    return writer.write(value);
}

const Json* find(const Json& value, std::string_view key) {
    const JsonObject* object = value.if_object();
    return object ? object->if_contains(key) : nullptr;
}

Json* find(Json& value, std::string_view key) {
    JsonObject* object = value.if_object();
    return object ? object->if_contains(key) : nullptr;
}

const Json* findPath(const Json& root, std::string_view path) {
    const Json* at = &root;
    while (at && !path.empty())
        at = find(*at, takeStep(path));
    return at;
}

std::string_view asString(const Json& value) {
    const boost::json::string* text = value.if_string();
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

std::string_view stringAt(const Json& root, std::string_view path, std::string_view otherwise) {
    const Json* at = findPath(root, path);
    return at && at->is_string() ? asString(*at) : otherwise;
}

std::int64_t intAt(const Json& root, std::string_view path, std::int64_t otherwise) {
    const Json* at = findPath(root, path);
    if (!at)
        return otherwise;
    if (const std::int64_t* number = at->if_int64())
        return *number;
    if (const std::uint64_t* number = at->if_uint64())
        return static_cast<std::int64_t>(*number);
    if (const double* number = at->if_double(); number && *number >= -9e18 && *number <= 9e18)
        return static_cast<std::int64_t>(*number);
    return otherwise;
}

bool boolAt(const Json& root, std::string_view path, bool otherwise) {
    const Json* at = findPath(root, path);
    return at && at->is_bool() ? at->get_bool() : otherwise;
}

bool sameValue(const Json& a, const Json& b) {
    if (a.is_array() && b.is_array()) {
        const JsonArray &x = a.get_array(), &y = b.get_array();
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), sameValue);
    }
    if (!a.is_object() || !b.is_object())
        return !a.is_structured() && !b.is_structured() && a == b;
    const JsonObject &x = a.get_object(), &y = b.get_object();
    if (x.size() != y.size())
        return false;
    auto at = y.begin(); // mostly both are in the same order, so no look-up is needed
    for (const auto& member : x) {
        const Json* other = at->key() == member.key() ? &at->value() : y.if_contains(member.key());
        ++at;
        if (!other || !sameValue(member.value(), *other))
            return false;
    }
    return true;
}

const JsonArray& arrayAt(const Json& root, std::string_view path) {
    static const JsonArray empty;
    const Json* at = findPath(root, path);
    return at && at->is_array() ? at->get_array() : empty;
}

const JsonObject& objectAt(const Json& root, std::string_view path) {
    static const JsonObject empty;
    const Json* at = findPath(root, path);
    return at && at->is_object() ? at->get_object() : empty;
}

Json& ensureMember(JsonObject& object, std::string_view key) {
    Json* found = object.if_contains(key);
    return found ? *found : object[key];
}

Json& ensurePath(Json& root, std::string_view path) {
    Json* at = &root;
    while (!path.empty()) {
        if (!at->is_object())
            *at = JsonObject();
        at = &ensureMember(at->get_object(), takeStep(path));
    }
    return *at;
}

void setPath(Json& root, std::string_view path, Json value) {
    ensurePath(root, path) = std::move(value);
}

void removePath(Json& root, std::string_view path) {
    Json* at = &root;
    while (at && at->is_object()) {
        const std::string_view step = takeStep(path);
        if (path.empty()) {
            at->get_object().erase(step);
            return;
        }
        at = find(*at, step);
    }
}

Encoded::Encoded(Json tree)
    : unwritten_(std::make_shared<const Json>(std::move(tree))), tree_(unwritten_) {}

const std::string& Encoded::bytes() const {
    if (!written_.load(std::memory_order_acquire))
        std::call_once(writing_, [this] {
            bytes_ = serializeJson(*unwritten_);
            unwritten_.reset();
            written_.store(true, std::memory_order_release);
        });
    return bytes_;
}

const Json& Encoded::tree() const {
    if (!tree_) {
        Result<Json> parsed = parseJson(bytes());
        tree_ = std::make_shared<const Json>(parsed ? std::move(*parsed) : Json());
    }
    return *tree_;
}

std::shared_ptr<const Json> Encoded::sharedTree() const {
    tree();
    return tree_;
}

} // namespace orrery
