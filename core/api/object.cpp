#include "core/api/object.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "core/api/custom/custom_schema.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
constexpr std::size_t kStrictErrorsMax = 100;

// Walks a valid JSON text and reports every key with its path, duplicates marked. Values are
// skipped by their brackets and quotes only.
class KeyScanner {
  public:
    enum class Next : std::uint8_t {
        Enter,
        Skip
    }; // whether to look at keys inside this key's value

    explicit KeyScanner(std::string_view text) : text_(text) {}
    virtual ~KeyScanner() = default;
    void run() { value(true); }

  protected:
    struct Step {
        std::string_view key;
        int index = -1;
    };
    virtual Next onKey(bool duplicate) = 0;
    std::string path() const {
        std::string result;
        for (const Step& step : steps_) {
            if (step.index >= 0) {
                result += "[" + std::to_string(step.index) + "]";
            } else {
                if (!result.empty())
                    result += '.';
                result += step.key;
            }
        }
        return result;
    }

  private:
    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\t' || text_[at_] == '\r'))
            ++at_;
    }
    char peek() {
        space();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    // The string at the cursor; keys with escapes are decoded into decoded_.
    std::string_view string() {
        const std::size_t begin = ++at_;
        bool escaped = false;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') {
                escaped = true;
                ++at_;
            }
            ++at_;
        }
        const std::string_view raw = text_.substr(begin, at_ - begin);
        ++at_;
        if (!escaped)
            return raw;
        const Result<Json> plain = parseJson("\"" + std::string(raw) + "\"");
        decoded_.push_back(plain ? std::string(asString(*plain)) : std::string(raw));
        return decoded_.back();
    }
    void value(bool look) {
        switch (peek()) {
        case '{':
            object(look);
            break;
        case '[':
            array(look);
            break;
        case '"':
            ++at_;
            skipString();
            break;
        default:
            while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' &&
                   text_[at_] != ']')
                ++at_;
        }
    }
    void skipString() {
        while (at_ < text_.size() && text_[at_] != '"')
            at_ += text_[at_] == '\\' ? 2 : 1;
        ++at_;
    }
    void object(bool look) {
        std::vector<std::string_view> few;         // up to 16 keys
        std::unordered_set<std::string_view> many; // looked up only
        ++at_;
        while (at_ < text_.size() && peek() != '}') {
            if (peek() == ',') {
                ++at_;
                continue;
            }
            if (peek() != '"') // not JSON: stop
                return void(at_ = text_.size());
            const std::string_view key = string();
            peek();
            ++at_; // the colon
            Next next = Next::Skip;
            if (look) {
                steps_.push_back({key, -1});
                next = onKey(seen(key, few, many));
            }
            value(look && next == Next::Enter);
            if (look)
                steps_.pop_back();
        }
        ++at_;
    }
    static bool seen(std::string_view key, std::vector<std::string_view>& few,
                     std::unordered_set<std::string_view>& many) {
        if (few.size() < 16) {
            if (std::find(few.begin(), few.end(), key) != few.end())
                return true;
            few.push_back(key);
            return false;
        }
        if (many.empty())
            many.insert(few.begin(), few.end());
        return !many.insert(key).second;
    }
    void array(bool look) {
        ++at_;
        if (look)
            steps_.push_back({{}, 0});
        while (at_ < text_.size() && peek() != ']') {
            if (peek() == ',') {
                ++at_;
                if (look)
                    ++steps_.back().index;
                continue;
            }
            value(look);
        }
        if (look)
            steps_.pop_back();
        ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Step> steps_;
    std::deque<std::string> decoded_; // keys with escapes; a deque keeps views valid
};

class DuplicateScanner : public KeyScanner {
  public:
    using KeyScanner::KeyScanner;
    std::vector<std::string> found;

  private:
    Next onKey(bool duplicate) override {
        if (duplicate && found.size() < kStrictErrorsMax)
            found.push_back("duplicate field \"" + path() + "\"");
        return Next::Enter;
    }
};

// Both complaints in the order of the text, as a decoder meets them.
class StrictScanner : public KeyScanner {
  public:
    StrictScanner(std::string_view text, const std::vector<std::string>& unknown)
        : KeyScanner(text), unknown_(unknown.begin(), unknown.end()) {}
    std::vector<std::string> found;

  private:
    Next onKey(bool duplicate) override {
        const std::string here = path();
        const bool unknown = unknown_.contains(here);
        if (found.size() < kStrictErrorsMax && (duplicate || unknown))
            found.push_back((unknown ? "unknown field \"" : "duplicate field \"") + here + "\"");
        return unknown ? Next::Skip : Next::Enter;
    }
    std::unordered_set<std::string> unknown_; // looked up only
};

std::vector<std::string> strictErrors(const std::vector<std::string>& unknown,
                                      std::string_view rawText) {
    std::vector<std::string> duplicates = duplicateFields(rawText);
    if (!unknown.empty() && !duplicates.empty()) {
        StrictScanner scanner(rawText, unknown);
        scanner.run();
        return std::move(scanner.found);
    }
    for (const std::string& path : unknown)
        duplicates.push_back("unknown field \"" + path + "\"");
    return duplicates;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string result;
    for (const std::string& text : texts)
        result += (result.empty() ? "" : ", ") + text;
    return result;
}

// Sets apiVersion and kind, in front when they were missing.
void stamp(const KindDef& kind, Json& object) {
    JsonObject& fields = object.get_object();
    Json* version = fields.if_contains("apiVersion");
    Json* name = fields.if_contains("kind");
    if (version && name) {
        *version = kind.apiVersion();
        *name = kind.kind;
        return;
    }
    JsonObject stamped;
    stamped.reserve(fields.size() + 2);
    stamped["kind"] = kind.kind;
    stamped["apiVersion"] = kind.apiVersion();
    for (auto& each : fields)
        if (each.key() != "kind" && each.key() != "apiVersion")
            stamped[each.key()] = std::move(each.value());
    object = std::move(stamped);
}

} // namespace

std::vector<std::string> duplicateFields(std::string_view text) {
    DuplicateScanner scanner(text);
    scanner.run();
    return std::move(scanner.found);
}

Result<Json> normaliseObject(const KindDef& kind, Json raw,
                             std::vector<std::string>& unknownFields) {
    NormaliseReport report;
    if (kind.customSchema) {
        report.error = normaliseCustom(kind, raw, report.unknownFields);
    } else {
        const Type* type = Schema::builtIn().find(kind.schema);
        ORRERY_ASSERT(type != nullptr);
        normalise(*type, raw, report);
    }
    if (!report.error.empty())
        return badRequest(std::move(report.error));
    for (const std::string& path : report.unknownFields)
        unknownFields.push_back("unknown field \"" + path + "\"");
    stamp(kind, raw);
    return raw;
}

Result<Decoded> decodeObject(const KindDef& kind, Json raw, FieldValidation validation,
                             std::string_view rawText, std::vector<std::string> earlierErrors) {
    const auto framed = [&kind](std::string_view error) {
        return badRequest(kind.kind + " in version \"" + kind.version +
                          "\" cannot be handled as a " + kind.kind + ": " + std::string(error));
    };
    std::vector<std::string> unknown;
    Result<Json> object = normaliseObject(kind, std::move(raw), unknown);
    if (!object)
        return framed(object.error().message);
    Decoded decoded{std::move(*object), {}};
    if (validation == FieldValidation::Ignore)
        return decoded;
    for (std::string& text : unknown) // back to the path: `unknown field "path"`
        text = text.substr(15, text.size() - 16);
    std::vector<std::string> errors = std::move(earlierErrors);
    if (kind.custom) { // two passes there: what stands twice, then what is unknown
        for (std::string& error : duplicateFields(rawText))
            errors.push_back(std::move(error));
        for (const std::string& path : unknown)
            errors.push_back("unknown field \"" + path + "\"");
    } else {
        for (std::string& error : strictErrors(unknown, rawText))
            errors.push_back(std::move(error));
    }
    if (validation == FieldValidation::Strict && !errors.empty())
        return framed("strict decoding error: " + joined(errors));
    decoded.warnings = std::move(errors);
    return decoded;
}

} // namespace orrery::api
