// One pass over an object: what Go's decoder refuses, what it drops, and what its encoder writes.
#include <algorithm>
#include <charconv>

#include "core/api/go_decode.h"
#include "core/api/schema.h"
#include "core/base/base64.h"
#include "core/base/quantity.h"
#include "core/base/time.h"

namespace orrery::api {

namespace {
constexpr std::size_t kUnknownFieldsMax = 100;

// Where the pass is. Frames live on the C++ stack, and are only read to name a place.
struct Frame {
    const Frame* up = nullptr;
    std::string_view key;     // of a field or a map's entry
    int index = -1;           // of a list's item
    const Type* in = nullptr; // the struct whose field this is; nullptr for items and entries
    const Field* field = nullptr;
};

std::string_view viewOf(const JsonString& text) {
    return {text.data(), text.size()};
}

class Normaliser {
  public:
    explicit Normaliser(NormaliseReport& report) : report_(report) {}

    void structFields(const Type& type, JsonObject& object, const Frame* at);

  private:
    // False: the value is to be left out.
    bool value(const Type& type, Json& value, const Frame* at);
    bool fieldValue(const Field& field, Json& value, const Frame* at);
    bool list(const Type& type, Json& value, const Frame* at);
    bool map(const Type& type, Json& value, const Frame* at);
    void integer(Json& value, const Frame* at, std::int64_t low, std::int64_t high);
    void quantity(Json& value);
    void time(Json& value, const Frame* at, bool micro);
    void bytes(Json& value, const Frame* at);
    void addMissing(const Type& type, JsonObject& object, std::size_t found);
    void unknown(std::string_view key, const Frame* at);
    void mismatch(const Json& value, const Frame* at, std::string_view goType,
                  bool showNumber = false);
    void fail(std::string error) {
        if (report_.error.empty())
            report_.error = std::move(error);
    }

    NormaliseReport& report_;
};

// What an element that is null, or a field that must be written, holds.
Json zeroOf(const Type& type, bool pointer) {
    if (pointer)
        return nullptr;
    switch (type.kind) {
    case TypeKind::Struct:
        return JsonObject();
    case TypeKind::String:
    case TypeKind::Bytes:
        return "";
    case TypeKind::Bool:
        return false;
    case TypeKind::Int32:
    case TypeKind::Int64:
    case TypeKind::Double:
    case TypeKind::IntOrString:
        return 0;
    case TypeKind::Quantity:
        return "0";
    default:
        return nullptr;
    }
}

bool isZero(const Type& type, const Json& value) {
    switch (type.kind) {
    case TypeKind::String:
    case TypeKind::Bytes:
        return value.is_string() && value.get_string().empty();
    case TypeKind::Bool:
        return value.is_bool() && !value.get_bool();
    case TypeKind::Int32:
    case TypeKind::Int64:
        return value.is_int64() && value.get_int64() == 0;
    case TypeKind::Double:
        return value.is_number() && value.to_number<double>() == 0;
    case TypeKind::List:
        return value.is_array() && value.get_array().empty();
    case TypeKind::Map:
        return value.is_object() && value.get_object().empty();
    default:
        return false;
    }
}

std::string pathOf(const Frame* at) {
    if (!at)
        return {};
    std::string path = pathOf(at->up);
    if (at->index >= 0)
        return path + "[" + std::to_string(at->index) + "]";
    if (!path.empty())
        path += '.';
    return path.append(at->key);
}

// Only the names of struct fields: Go's decoder does not name items and map keys.
std::string goPathOf(const Frame* at) {
    std::string path;
    for (; at; at = at->up)
        if (at->in)
            path = path.empty() ? std::string(at->key) : std::string(at->key) + "." + path;
    return path;
}

void Normaliser::unknown(std::string_view key, const Frame* at) {
    if (report_.unknownFields.size() >= kUnknownFieldsMax)
        return;
    Frame frame;
    frame.up = at;
    frame.key = key;
    report_.unknownFields.push_back(pathOf(&frame));
}

void Normaliser::mismatch(const Json& value, const Frame* at, std::string_view goType,
                          bool showNumber) {
    if (!report_.error.empty())
        return;
    std::string error = "json: cannot unmarshal ";
    error += goValueName(value);
    if (showNumber && value.is_number())
        error += " " + goNumber(value);
    const Frame* field = at;
    while (field && !field->in)
        field = field->up;
    if (field)
        error += " into Go struct field " + field->in->goName + "." + goPathOf(at);
    else
        error += " into Go value";
    fail(error + " of type " + std::string(goType));
}

// The Go type of a value below a field: the field's own, less one "[]" or "map[...]" for each step.
std::string_view goTypeAt(const Frame* at) {
    int steps = 0;
    while (at && !at->in) {
        ++steps;
        at = at->up;
    }
    std::string_view type = at && at->field ? std::string_view(at->field->goType) : "";
    for (; steps > 0; --steps) {
        const std::size_t bracket = type.find(']');
        if (bracket != std::string_view::npos)
            type.remove_prefix(bracket + 1);
    }
    return type;
}

void Normaliser::integer(Json& value, const Frame* at, std::int64_t low, std::int64_t high) {
    if (const std::int64_t* number = value.if_int64(); number && *number >= low && *number <= high)
        return;
    mismatch(value, at, low == INT32_MIN ? "int32" : "int64", true);
}

void Normaliser::quantity(Json& value) {
    std::string text;
    if (const auto* string = value.if_string())
        text = viewOf(*string);
    else if (value.is_number())
        text = goNumber(value);
    else
        return value.is_null() ? void(value = "0") : fail(std::string(kQuantityFormatError));
    // What is already canonical in the commonest form needs no work.
    if (value.is_string() && isCanonicalCount(text))
        return;
    Result<Quantity> parsed = Quantity::parse(text);
    if (!parsed)
        return fail(parsed.error().message);
    std::string canonical = parsed->text();
    if (!value.is_string() || canonical != text)
        value = canonical;
}

void Normaliser::time(Json& value, const Frame* at, bool micro) {
    const auto* string = value.if_string();
    if (!string)
        return mismatch(value, at, "string");
    const std::string_view text = viewOf(*string);
    const std::size_t canonicalSize = micro ? 27 : 20;
    Result<Time> parsed = parseTime(text);
    if (!parsed)
        return fail(goTimeError(text, micro));
    if (text.size() == canonicalSize && text.back() == 'Z' && text[10] == 'T')
        return;
    value = micro ? formatMicroTime(*parsed) : formatTime(*parsed);
}

void Normaliser::bytes(Json& value, const Frame* at) {
    auto* string = value.if_string();
    if (!string)
        return mismatch(value, at, "[]uint8");
    if (const std::ptrdiff_t wrong = goBase64Error(viewOf(*string)); wrong >= 0)
        return fail("illegal base64 data at input byte " + std::to_string(wrong));
    if (viewOf(*string).find_first_of("\r\n") != std::string_view::npos)
        string->erase(std::remove_if(string->begin(), string->end(),
                                     [](char c) { return c == '\r' || c == '\n'; }),
                      string->end());
    const std::string canonical = withoutStrayBits(viewOf(*string));
    string->assign(canonical.data(), canonical.size());
}

bool Normaliser::list(const Type& type, Json& value, const Frame* at) {
    JsonArray* array = value.if_array();
    if (!array) {
        mismatch(value, at, goTypeAt(at));
        return true;
    }
    Frame item;
    item.up = at;
    for (Json& each : *array) {
        ++item.index;
        if (each.is_null())
            each = zeroOf(*type.element, false);
        if (!each.is_null())
            this->value(*type.element, each, &item);
    }
    return true;
}

bool Normaliser::map(const Type& type, Json& value, const Frame* at) {
    JsonObject* object = value.if_object();
    if (!object) {
        mismatch(value, at, goTypeAt(at));
        return true;
    }
    Frame entry;
    entry.up = at;
    for (auto& each : *object) {
        entry.key = std::string_view(each.key().data(), each.key().size());
        if (each.value().is_null())
            each.value() = zeroOf(*type.element, false);
        if (!each.value().is_null())
            this->value(*type.element, each.value(), &entry);
    }
    return true;
}

bool Normaliser::value(const Type& type, Json& value, const Frame* at) {
    switch (type.kind) {
    case TypeKind::Struct:
        if (JsonObject* object = value.if_object())
            structFields(type, *object, at);
        else
            mismatch(value, at, goTypeAt(at));
        break;
    case TypeKind::Map:
        return map(type, value, at);
    case TypeKind::List:
        return list(type, value, at);
    case TypeKind::String:
        if (!value.is_string())
            mismatch(value, at, goTypeAt(at));
        break;
    case TypeKind::Bool:
        if (!value.is_bool())
            mismatch(value, at, "bool");
        break;
    case TypeKind::Int32:
        integer(value, at, INT32_MIN, INT32_MAX);
        break;
    case TypeKind::Int64:
        integer(value, at, INT64_MIN, INT64_MAX);
        break;
    case TypeKind::Double:
        if (!value.is_number())
            mismatch(value, at, "float64");
        break;
    case TypeKind::Bytes:
        bytes(value, at);
        break;
    case TypeKind::Quantity:
        quantity(value);
        break;
    case TypeKind::Time:
        time(value, at, false);
        break;
    case TypeKind::MicroTime:
        time(value, at, true);
        break;
    case TypeKind::IntOrString:
        if (!value.is_string())
            integer(value, at, INT32_MIN, INT32_MAX);
        break;
    case TypeKind::Object:
    case TypeKind::Any:
        break;
    }
    return true;
}

bool Normaliser::fieldValue(const Field& field, Json& value, const Frame* at) {
    if (value.is_null())
        return false;
    this->value(*field.type, value, at);
    if (!field.pointer && isZero(*field.type, value)) {
        if (field.omitEmpty)
            return false;
        // What comes back from Kubernetes' store; definitions are stored as JSON, and keep it.
        const bool asJson =
            at && at->in && at->in->name.starts_with("io.k8s.apiextensions-apiserver.");
        if (!asJson && (field.type->kind == TypeKind::List || field.type->kind == TypeKind::Map))
            value = nullptr;
    }
    return !(field.omitZero && value.is_object() && value.get_object().empty());
}

void Normaliser::addMissing(const Type& type, JsonObject& object, std::size_t found) {
    if (found == type.always.size())
        return;
    for (const Field* field : type.always) {
        if (object.contains(field->name))
            continue;
        Json& added = object[field->name] = zeroOf(*field->type, field->pointer);
        if (added.is_object())
            structFields(*field->type, added.get_object(), nullptr);
    }
}

void Normaliser::structFields(const Type& type, JsonObject& object, const Frame* at) {
    Frame frame;
    frame.up = at;
    frame.in = &type;
    std::size_t always = 0;
    for (auto each = object.begin(); each != object.end();) {
        frame.key = std::string_view(each->key().data(), each->key().size());
        const Field* field = type.field(frame.key);
        bool keep = true;
        if (field) {
            frame.field = field;
            keep = fieldValue(*field, each->value(), &frame);
            always += keep && std::binary_search(type.always.begin(), type.always.end(), field);
        } else if (!type.preserveUnknown) {
            unknown(frame.key, at);
            keep = false;
        }
        each = keep ? each + 1 : object.stable_erase(each);
    }
    addMissing(type, object, always);
}
} // namespace

void normalise(const Type& type, Json& object, NormaliseReport& report) {
    if (JsonObject* fields = object.if_object()) {
        Normaliser(report).structFields(type, *fields, nullptr);
        return;
    }
    if (report.error.empty())
        report.error = "json: cannot unmarshal " + std::string(goValueName(object)) +
                       " into Go value of type " +
                       type.name.substr(type.name.rfind('.', type.name.rfind('.') - 1) + 1);
}

} // namespace orrery::api
