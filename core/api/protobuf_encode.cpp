// Objects as protobuf messages, driven by the same facts as their decoding.
#include <cstring>

#include "core/api/protobuf.h"
#include "core/api/protobuf_facts.h"
#include "core/api/protobuf_writer.h"
#include "core/base/base64.h"
#include "core/base/time.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMagic("k8s\0", 4);
constexpr std::string_view kTail("\x1a\0\x22\0", 4); // empty contentEncoding and contentType

Error impossible(std::string_view field, std::string_view what) {
    return makeError(Reason::InternalError, "the field " + std::string(field) +
                                                " can't be encoded as protobuf: it is no " +
                                                std::string(what));
}

class Encoder {
  public:
    explicit Encoder(ProtobufWriter& out) : out_(out) {}

    Result<void> message(const ProtobufMessage& message, const Json& object) {
        if (!object.is_object() && !object.is_null())
            return impossible("", "object");
        for (auto field = message.fields.rbegin(); field != message.fields.rend(); ++field) {
            if (field->name == "^") {
                const std::size_t end = out_.size();
                ORRERY_TRY(this->message(*field->message, object));
                out_.close(field->number, end);
                continue;
            }
            const Json* value = find(object, field->name);
            if (value && !value->is_null())
                ORRERY_TRY(member(*field, *value));
        }
        return {};
    }

  private:
    Result<void> member(const ProtobufField& field, const Json& value) {
        switch (field.label) {
        case ProtobufField::Label::List: {
            if (!value.is_array())
                return impossible(field.name, "list");
            const JsonArray& list = value.get_array();
            for (auto item = list.rbegin(); item != list.rend(); ++item)
                ORRERY_TRY(this->value(field, field.number, *item));
            return {};
        }
        case ProtobufField::Label::Map: {
            if (!value.is_object())
                return impossible(field.name, "map");
            const JsonObject& map = value.get_object();
            for (auto entry = map.end(); entry != map.begin();) {
                --entry;
                const std::size_t end = out_.size();
                ORRERY_TRY(this->value(field, 2, entry->value()));
                out_.bytes(1, {entry->key().data(), entry->key().size()});
                out_.close(field.number, end);
            }
            return {};
        }
        case ProtobufField::Label::Single:
            break;
        }
        return this->value(field, field.number, value);
    }

    // One value as field `number`. Items and entries that are null are zero values, as in Go.
    Result<void> value(const ProtobufField& field, std::uint32_t number, const Json& value) {
        if (field.message || value.is_null()) {
            const std::size_t end = out_.size();
            if (field.message)
                ORRERY_TRY(message(*field.message, value));
            out_.close(number, end);
            return {};
        }
        switch (field.type) {
        case 's':
            return text(field, number, value);
        case 'b':
            if (!value.is_bool())
                return impossible(field.name, "boolean");
            out_.number(number, value.get_bool() ? 1 : 0);
            return {};
        case 'i':
            return integer(field, number, value);
        case 'd':
            return real(field, number, value);
        case 'y': {
            const Result<std::string> content = fromBase64(asString(value));
            if (!value.is_string() || !content)
                return impossible(field.name, "base64");
            out_.bytes(number, *content);
            return {};
        }
        default: {
            const std::size_t end = out_.size();
            ORRERY_TRY(special(field, value));
            out_.close(number, end);
            return {};
        }
        }
    }

    Result<void> text(const ProtobufField& field, std::uint32_t number, const Json& value) {
        if (!value.is_string())
            return impossible(field.name, "string");
        out_.bytes(number, asString(value));
        return {};
    }

    Result<void> integer(const ProtobufField& field, std::uint32_t number, const Json& value) {
        if (value.is_int64())
            out_.number(number, static_cast<std::uint64_t>(value.get_int64()));
        else if (value.is_uint64())
            out_.number(number, value.get_uint64());
        else
            return impossible(field.name, "integer");
        return {};
    }

    Result<void> real(const ProtobufField& field, std::uint32_t number, const Json& value) {
        if (!value.is_number())
            return impossible(field.name, "number");
        const auto real = value.to_number<double>();
        std::uint64_t bits = 0;
        std::memcpy(&bits, &real, sizeof bits);
        out_.fixed64(number, bits);
        return {};
    }

    // The content of a message that is one value in JSON.
    Result<void> special(const ProtobufField& field, const Json& value) {
        switch (field.type) {
        case 't':
        case 'u':
            return time(field, value);
        case 'v': {
            ORRERY_TRY_ASSIGN(const Duration duration, parseDuration(asString(value)));
            out_.number(1, static_cast<std::uint64_t>(duration.count()));
            return {};
        }
        case 'q': // a number is one that nobody has made canonical yet
            out_.bytes(1, value.is_string() ? std::string(asString(value)) : serializeJson(value));
            return {};
        case 'n':
            out_.bytes(3, asString(value));
            if (value.is_string())
                out_.number(2, 0);
            else
                ORRERY_TRY(integer(field, 2, value));
            out_.number(1, value.is_string() ? 1 : 0);
            return {};
        case 'r':
            out_.bytes(1, serializeJson(value));
            return {};
        case 'e':
            return texts(field, 1, value);
        default:
            return eitherOr(field, value);
        }
    }

    Result<void> time(const ProtobufField& field, const Json& value) {
        const Result<Time> time = parseTime(asString(value));
        if (!value.is_string() || !time)
            return impossible(field.name, "time");
        const auto since = time->time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
        const auto nanos = std::chrono::nanoseconds(since - seconds).count();
        out_.number(2, static_cast<std::uint64_t>(field.type == 'u' ? nanos : 0));
        out_.number(1, static_cast<std::uint64_t>(seconds.count()));
        return {};
    }

    Result<void> texts(const ProtobufField& field, std::uint32_t number, const Json& value) {
        if (!value.is_array())
            return impossible(field.name, "list");
        const JsonArray& list = value.get_array();
        for (auto item = list.rbegin(); item != list.rend(); ++item)
            ORRERY_TRY(text(field, number, *item));
        return {};
    }

    Result<void> schema(std::uint32_t number, const Json& value) {
        const std::size_t end = out_.size();
        ORRERY_TRY(message(ProtobufFacts::builtIn().schemaProps(), value));
        out_.close(number, end);
        return {};
    }

    // The either-or types of a CustomResourceDefinition's schema.
    Result<void> eitherOr(const ProtobufField& field, const Json& value) {
        if (value.is_object()) {
            ORRERY_TRY(schema(field.type == 'B' ? 2 : 1, value));
            if (field.type == 'B')
                out_.number(1, 1); // a schema allows
            return {};
        }
        if (field.type == 'B') {
            if (!value.is_bool())
                return impossible(field.name, "boolean");
            out_.number(1, value.get_bool() ? 1 : 0);
            return {};
        }
        if (field.type == 'S')
            return texts(field, 2, value);
        if (!value.is_array())
            return impossible(field.name, "list");
        const JsonArray& list = value.get_array();
        for (auto item = list.rbegin(); item != list.rend(); ++item)
            ORRERY_TRY(schema(2, *item));
        return {};
    }

    ProtobufWriter& out_;
};

void writeType(ProtobufWriter& out, std::string_view apiVersion, std::string_view kind) {
    const std::size_t end = out.size();
    out.bytes(2, kind);
    out.bytes(1, apiVersion);
    out.close(1, end);
}

std::size_t varintSize(std::uint64_t value) {
    std::size_t size = 1;
    for (; value > 127; value >>= 7)
        ++size;
    return size;
}
} // namespace

bool hasProtobuf(std::string_view apiVersion, std::string_view kind) {
    return ProtobufFacts::builtIn().body(apiVersion, kind) != nullptr;
}

Result<ProtobufForm> encodeProtobuf(const Json& object, std::string_view apiVersion,
                                    std::string_view kind) {
    const std::string_view ownVersion = stringAt(object, "apiVersion");
    const std::string_view ownKind = stringAt(object, "kind");
    const ProtobufMessage* message = ProtobufFacts::builtIn().body(
        ownVersion.empty() ? apiVersion : ownVersion, ownKind.empty() ? kind : ownKind);
    if (!message)
        return makeError(Reason::InternalError, "the kind " + std::string(ownKind) + " of " +
                                                    std::string(ownVersion) +
                                                    " has no protobuf form");
    ProtobufWriter out;
    out.raw(kTail);
    const std::size_t end = out.size();
    ORRERY_TRY(Encoder(out).message(*message, object));
    ProtobufForm form;
    form.messageSize = out.size() - end;
    out.close(2, end);
    writeType(out, ownVersion, ownKind);
    out.raw(kMagic);
    form.bytes = out.take();
    form.messageAt = form.bytes.size() - kTail.size() - form.messageSize;
    return form;
}

ProtobufList::ProtobufList(std::string_view apiVersion, std::string_view listKind)
    : apiVersion_(apiVersion), listKind_(listKind) {
    const ProtobufMessage* message = ProtobufFacts::builtIn().body(apiVersion, listKind);
    ORRERY_ASSERT(message != nullptr);
    for (const ProtobufField& field : message->fields)
        (field.name == "items" ? itemsField_ : metadataField_) = field.number;
}

std::string ProtobufList::itemHead(std::size_t messageSize) {
    ProtobufWriter out;
    out.varint(messageSize);
    out.varint(std::uint64_t{itemsField_} << 3 | 2);
    itemsSize_ += out.size() + messageSize;
    return out.take();
}

Result<std::string> ProtobufList::head(const Json& metadata) const {
    const ProtobufMessage* message = ProtobufFacts::builtIn().body(apiVersion_, listKind_);
    ProtobufWriter out;
    for (const ProtobufField& field : message->fields)
        if (field.number == metadataField_)
            ORRERY_TRY(Encoder(out).message(*field.message, metadata));
    out.close(metadataField_, 0);
    out.varint(out.size() + itemsSize_);
    out.varint(2 << 3 | 2);
    writeType(out, apiVersion_, listKind_);
    out.raw(kMagic);
    return out.take();
}

std::string_view ProtobufList::tail() {
    return kTail;
}

std::string protobufEventHead(std::string_view type, std::size_t objectSize) {
    ProtobufWriter out;
    out.varint(objectSize);
    out.varint(1 << 3 | 2); // raw, of the RawExtension
    out.varint(1 + varintSize(objectSize) + objectSize);
    out.varint(2 << 3 | 2); // object
    out.bytes(1, type);
    const std::size_t size = out.size() + objectSize;
    char length[4];
    for (int i = 0; i < 4; ++i)
        length[i] = static_cast<char>(size >> (24 - 8 * i));
    out.raw({length, sizeof length});
    return out.take();
}

} // namespace orrery::api
