#include "core/api/protobuf.h"

#include <cstring>

#include "core/api/protobuf_facts.h"
#include "core/base/base64.h"
#include "core/base/time.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMagic("k8s\0", 4);

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

// One field as it stands on the wire: a number, or bytes of the body.
struct WireField {
    std::uint32_t number = 0;
    WireType type = WireType::Varint;
    std::uint64_t value = 0; // of Varint, Fixed64 and Fixed32
    std::string_view bytes;  // of Bytes
};

// In the words of Go's decoders.
Error broken(const std::string& what) {
    return badRequest(what);
}
Error endsEarly() {
    return broken("unexpected EOF");
}

// Reads fields one after another; never beyond its text.
class WireReader {
  public:
    explicit WireReader(std::string_view text) : rest_(text) {}
    bool atEnd() const { return rest_.empty(); }

    Result<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 127) << shift;
            if (byte < 128)
                return value;
        }
        return rest_.empty() ? endsEarly() : broken("proto: integer overflow");
    }

    Result<WireField> next() {
        ORRERY_TRY_ASSIGN(const std::uint64_t tag, varint());
        WireField field;
        field.number = static_cast<std::uint32_t>(tag >> 3);
        if ((tag >> 3) == 0 || (tag >> 3) > 536'870'911)
            return broken("proto: illegal tag " + std::to_string(tag >> 3) + " (wire type " +
                          std::to_string(tag & 7) + ")");
        switch (tag & 7) {
        case 0: {
            ORRERY_TRY_ASSIGN(field.value, varint());
            return field;
        }
        case 1:
            field.type = WireType::Fixed64;
            return fixed(field, 8);
        case 2: {
            field.type = WireType::Bytes;
            ORRERY_TRY_ASSIGN(const std::uint64_t size, varint());
            if (size > rest_.size())
                return endsEarly();
            field.bytes = rest_.substr(0, size);
            rest_.remove_prefix(size);
            return field;
        }
        case 5:
            field.type = WireType::Fixed32;
            return fixed(field, 4);
        default:
            return broken("proto: illegal wireType " + std::to_string(tag & 7));
        }
    }

  private:
    Result<WireField> fixed(WireField field, std::size_t size) {
        if (rest_.size() < size)
            return endsEarly();
        for (std::size_t i = size; i-- > 0;)
            field.value = (field.value << 8) | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(size);
        return field;
    }
    std::string_view rest_;
};

// The first field of that number; an absent one reads as zero or "".
Result<WireField> fieldOf(std::string_view text, std::uint32_t number, WireType type) {
    WireReader reader(text);
    WireField found{number, type, 0, {}};
    while (!reader.atEnd()) {
        ORRERY_TRY_ASSIGN(const WireField field, reader.next());
        if (field.number == number && field.type == type)
            found = field;
    }
    return found;
}

// "ObjectMeta"'s field "metadata" apart, Go's fields are named as JSON's, with a capital.
std::string goNameOf(std::string_view name) {
    if (name == "metadata")
        return "ObjectMeta";
    std::string out(name);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
        out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

bool isUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80   ? 1
                                   : lead < 0xC2 ? 0
                                   : lead < 0xE0 ? 2
                                   : lead < 0xF0 ? 3
                                   : lead < 0xF5 ? 4
                                                 : 0;
        if (length == 0 || i + length > text.size())
            return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80)
                return false;
        const auto second = length > 2 ? static_cast<unsigned char>(text[i + 1]) : 0;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
            return false;
        i += length;
    }
    return true;
}

Result<Json> textOf(std::string_view bytes) {
    if (!isUtf8(bytes))
        return broken("a string is no UTF-8");
    return Json(bytes);
}

// Time and MicroTime: seconds and nanoseconds; nothing at all is no time.
Result<Json> timeOf(std::string_view bytes, bool micro) {
    if (bytes.empty())
        return Json();
    ORRERY_TRY_ASSIGN(const WireField seconds, fieldOf(bytes, 1, WireType::Varint));
    ORRERY_TRY_ASSIGN(const WireField nanos, fieldOf(bytes, 2, WireType::Varint));
    constexpr std::int64_t kYear2262 = 9'214'646'400; // what a Time can hold
    const auto count = static_cast<std::int64_t>(seconds.value);
    if (count < -kYear2262 || count > kYear2262 || nanos.value >= 1'000'000'000)
        return broken("a time is out of range");
    const Time time{std::chrono::seconds(count) + std::chrono::nanoseconds(nanos.value)};
    return Json(micro ? formatMicroTime(time) : formatTime(time));
}

Result<Json> rawJsonOf(std::string_view bytes) {
    ORRERY_TRY_ASSIGN(const WireField raw, fieldOf(bytes, 1, WireType::Bytes));
    return raw.bytes.empty() ? Result<Json>(Json()) : parseJson(raw.bytes);
}

Result<Json> intOrStringOf(std::string_view bytes) {
    ORRERY_TRY_ASSIGN(const WireField isText, fieldOf(bytes, 1, WireType::Varint));
    if (isText.value == 1) {
        ORRERY_TRY_ASSIGN(const WireField text, fieldOf(bytes, 3, WireType::Bytes));
        return textOf(text.bytes);
    }
    ORRERY_TRY_ASSIGN(const WireField number, fieldOf(bytes, 2, WireType::Varint));
    return Json(static_cast<std::int32_t>(number.value));
}

class Decoder {
  public:
    Result<void> message(const ProtobufMessage& message, std::string_view bytes, JsonObject& out) {
        if (depth_ >= kJsonDepthMax)
            return broken("nested too deeply");
        ++depth_;
        Result<void> read = members(message, bytes, out);
        --depth_;
        return read;
    }

  private:
    Result<void> members(const ProtobufMessage& message_, std::string_view bytes, JsonObject& out) {
        WireReader reader(bytes);
        while (!reader.atEnd()) {
            ORRERY_TRY_ASSIGN(const WireField wire, reader.next());
            const ProtobufField* field = message_.field(wire.number);
            if (!field)
                continue; // of a newer client: dropped, as by any protobuf reader
            if (field->name == "^") {
                ORRERY_TRY(message(*field->message, wire.bytes, out));
                continue;
            }
            ORRERY_TRY(member(*field, wire, out));
        }
        return {};
    }

    Result<void> member(const ProtobufField& field, const WireField& wire, JsonObject& out) {
        if (field.label == ProtobufField::Label::Map)
            return mapEntry(field, wire, out);
        if (field.label == ProtobufField::Label::List) {
            Json& list = out[field.name];
            if (!list.is_array())
                list = JsonArray();
            return listItem(field, wire, list.get_array());
        }
        ORRERY_TRY_ASSIGN(Json read, value(field, wire));
        if (!read.is_null())
            out[field.name] = std::move(read);
        return {};
    }

    Result<void> listItem(const ProtobufField& field, const WireField& wire, JsonArray& list) {
        const bool numbers = field.type == 'i' || field.type == 'b';
        if (numbers && wire.type == WireType::Bytes) { // packed
            WireReader reader(wire.bytes);
            while (!reader.atEnd()) {
                ORRERY_TRY_ASSIGN(const std::uint64_t number, reader.varint());
                ORRERY_TRY_ASSIGN(Json item,
                                  value(field, {wire.number, WireType::Varint, number, {}}));
                list.push_back(std::move(item));
            }
            return {};
        }
        ORRERY_TRY_ASSIGN(Json item, value(field, wire));
        list.push_back(std::move(item));
        return {};
    }

    Result<void> mapEntry(const ProtobufField& field, const WireField& wire, JsonObject& out) {
        ORRERY_TRY_ASSIGN(const WireField key, fieldOf(wire.bytes, 1, WireType::Bytes));
        ORRERY_TRY_ASSIGN(const WireField content, fieldOf(wire.bytes, 2, WireType::Bytes));
        ORRERY_TRY_ASSIGN(const Json name, textOf(key.bytes));
        ORRERY_TRY_ASSIGN(Json read, value(field, content));
        Json& map = out[field.name];
        if (!map.is_object())
            map = JsonObject();
        map.get_object()[asString(name)] = std::move(read);
        return {};
    }

    Result<Json> value(const ProtobufField& field, const WireField& wire) {
        const bool number = field.type == 'i' || field.type == 'b';
        const WireType expected = number              ? WireType::Varint
                                  : field.type == 'd' ? WireType::Fixed64
                                                      : WireType::Bytes;
        if (wire.type != expected)
            return broken(
                "proto: wrong wireType = " + std::to_string(static_cast<unsigned>(wire.type)) +
                " for field " + goNameOf(field.name));
        if (field.message) {
            JsonObject object;
            ORRERY_TRY(message(*field.message, wire.bytes, object));
            return Json(std::move(object));
        }
        return scalar(field.type, wire);
    }

    Result<Json> scalar(char type, const WireField& wire) {
        switch (type) {
        case 's':
            return textOf(wire.bytes);
        case 'b':
            return Json(wire.value != 0);
        case 'i':
            return Json(static_cast<std::int64_t>(wire.value));
        case 'd': {
            double number = 0;
            std::memcpy(&number, &wire.value, sizeof number);
            return Json(number);
        }
        case 'y':
            return Json(base64(wire.bytes));
        case 't':
        case 'u':
            return timeOf(wire.bytes, type == 'u');
        case 'v': {
            ORRERY_TRY_ASSIGN(const WireField nanos, fieldOf(wire.bytes, 1, WireType::Varint));
            return Json(formatDuration(Duration(static_cast<std::int64_t>(nanos.value))));
        }
        case 'q': {
            ORRERY_TRY_ASSIGN(const WireField text, fieldOf(wire.bytes, 1, WireType::Bytes));
            return textOf(text.bytes);
        }
        case 'n':
            return intOrStringOf(wire.bytes);
        case 'r':
            return rawJsonOf(wire.bytes);
        case 'e':
            return texts(wire.bytes, 1);
        default:
            return eitherOr(type, wire.bytes);
        }
    }

    Result<Json> texts(std::string_view bytes, std::uint32_t number) {
        JsonArray list;
        WireReader reader(bytes);
        while (!reader.atEnd()) {
            ORRERY_TRY_ASSIGN(const WireField field, reader.next());
            if (field.number != number || field.type != WireType::Bytes)
                continue;
            ORRERY_TRY_ASSIGN(Json item, textOf(field.bytes));
            list.push_back(std::move(item));
        }
        return Json(std::move(list));
    }

    // JSONSchemaPropsOrArray, ...OrBool, ...OrStringArray: a schema in the field of that name, or
    // the other.
    Result<Json> eitherOr(char type, std::string_view bytes) {
        const std::uint32_t schemaNumber = type == 'B' ? 2 : 1;
        JsonArray schemas;
        bool isSchema = false;
        WireReader reader(bytes);
        while (!reader.atEnd()) {
            ORRERY_TRY_ASSIGN(const WireField field, reader.next());
            const bool single = field.number == schemaNumber;
            if (field.type != WireType::Bytes || !(single || type == 'A'))
                continue;
            JsonObject schema;
            ORRERY_TRY(message(ProtobufFacts::builtIn().schemaProps(), field.bytes, schema));
            schemas.push_back(std::move(schema));
            isSchema = isSchema || single;
        }
        if (isSchema)
            return std::move(schemas.back());
        if (type == 'A')
            return Json(std::move(schemas));
        if (type == 'S')
            return texts(bytes, 2);
        ORRERY_TRY_ASSIGN(const WireField allows, fieldOf(bytes, 1, WireType::Varint));
        return Json(allows.value != 0);
    }

    int depth_ = 0;
};
} // namespace

Result<Json> decodeProtobuf(std::string_view body) {
    if (!body.starts_with(kMagic))
        return badRequest("provided data does not appear to be a protobuf message, expected prefix "
                          "[107 56 115 0]");
    const std::string_view envelope = body.substr(kMagic.size());
    ORRERY_TRY_ASSIGN(const WireField typeMeta, fieldOf(envelope, 1, WireType::Bytes));
    ORRERY_TRY_ASSIGN(const WireField raw, fieldOf(envelope, 2, WireType::Bytes));
    ORRERY_TRY_ASSIGN(const WireField apiVersion, fieldOf(typeMeta.bytes, 1, WireType::Bytes));
    ORRERY_TRY_ASSIGN(const WireField kind, fieldOf(typeMeta.bytes, 2, WireType::Bytes));
    if (!isUtf8(apiVersion.bytes) || !isUtf8(kind.bytes))
        return broken("a string is no UTF-8");
    const ProtobufMessage* message = ProtobufFacts::builtIn().body(apiVersion.bytes, kind.bytes);
    if (!message)
        return badRequest("no kind \"" + std::string(kind.bytes) +
                          "\" is registered for version \"" + std::string(apiVersion.bytes) +
                          "\" in the protobuf encoding");
    JsonObject object;
    object["apiVersion"] = apiVersion.bytes;
    object["kind"] = kind.bytes;
    ORRERY_TRY(Decoder().message(*message, raw.bytes, object));
    return Json(std::move(object));
}

} // namespace orrery::api
