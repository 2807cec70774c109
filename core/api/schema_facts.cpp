// Compiles the embedded facts into types. The format is described in resources/api/generate.py.
#include "core/api/facts.h"
#include "core/api/schema.h"

extern "C" {
extern const char orrery_kubernetes_facts[];
extern const char orrery_kubernetes_facts_end[];
}

namespace orrery::api {

namespace {
constexpr std::string_view kPrefix = "io.k8s.api.";

struct Facts {
    Json types;
    Json kinds;
};

// Parsed once; the types' part is given back when the schema has been compiled.
Facts& facts() {
    static Facts parsed = [] {
        const std::string_view text(
            orrery_kubernetes_facts,
            static_cast<std::size_t>(orrery_kubernetes_facts_end - orrery_kubernetes_facts));
        Result<Json> root = parseJson(text);
        ORRERY_ASSERT(root.has_value() && root->is_object());
        JsonObject& object = root->get_object();
        return Facts{std::move(object["types"]), std::move(object["kinds"])};
    }();
    return parsed;
}

TypeKind scalarKind(std::string_view name) {
    static const std::pair<std::string_view, TypeKind> kNames[] = {
        {"string", TypeKind::String},       {"bool", TypeKind::Bool},
        {"int32", TypeKind::Int32},         {"int64", TypeKind::Int64},
        {"double", TypeKind::Double},       {"bytes", TypeKind::Bytes},
        {"quantity", TypeKind::Quantity},   {"time", TypeKind::Time},
        {"microTime", TypeKind::MicroTime}, {"intOrString", TypeKind::IntOrString},
        {"object", TypeKind::Object},       {"any", TypeKind::Any},
    };
    for (const auto& [text, kind] : kNames)
        if (text == name)
            return kind;
    return TypeKind::Struct;
}

std::string_view text(const Json& value) {
    return asString(value);
}

// "v1.Container" of "io.k8s.api.core.v1.Container"; Go's spelling of a scalar.
std::string goTypeOf(const Type& type) {
    switch (type.kind) {
    case TypeKind::List:
        return "[]" + goTypeOf(*type.element);
    case TypeKind::Map:
        return "map[string]" + goTypeOf(*type.element);
    case TypeKind::Double:
        return "float64";
    case TypeKind::Bytes:
        return "[]uint8";
    default:
        break;
    }
    const std::size_t last = type.name.rfind('.');
    if (last == std::string::npos || last == 0)
        return type.name;
    const std::size_t before = type.name.rfind('.', last - 1);
    return before == std::string::npos ? type.name : type.name.substr(before + 1);
}
} // namespace

std::string fullTypeName(std::string_view shortName) {
    return shortName.starts_with("io.") ? std::string(shortName)
                                        : std::string(kPrefix) + std::string(shortName);
}

const JsonArray& kindFacts() {
    return facts().kinds.get_array();
}

class SchemaBuilder {
  public:
    explicit SchemaBuilder(Schema& schema) : schema_(schema) {}

    void build(const JsonObject& types) {
        for (const auto& [name, body] : types)
            declare(std::string_view(name.data(), name.size()), body);
        for (const auto& [name, body] : types)
            define(std::string_view(name.data(), name.size()), body);
    }

  private:
    Type* own(std::string name, TypeKind kind) {
        schema_.owned_.push_back(std::make_unique<Type>());
        Type* type = schema_.owned_.back().get();
        type->name = std::move(name);
        type->kind = kind;
        return type;
    }

    void declare(std::string_view name, const Json& body) {
        const Json* kind = find(body, "k");
        Type* type = own(fullTypeName(name), kind ? scalarKind(text(*kind)) : TypeKind::Struct);
        type->goName = type->name.substr(type->name.rfind('.') + 1);
        type->atomicMap = find(body, "a") != nullptr;
        schema_.byName_.emplace(type->name, type);
    }

    void define(std::string_view name, const Json& body) {
        const Json* fields = find(body, "f");
        if (!fields)
            return;
        Type& type = *const_cast<Type*>(schema_.find(fullTypeName(name)));
        type.fields.reserve(fields->get_object().size());
        for (const auto& [fieldName, each] : fields->get_object())
            type.fields.push_back(fieldOf(std::string(fieldName), each));
        type.index();
    }

    Field fieldOf(std::string name, const Json& body) {
        Field field;
        field.name = std::move(name);
        for (const auto& [key, value] : body.get_object())
            setFact(field, key.front(), value);
        if (field.goType.empty())
            field.goType = goTypeOf(*field.type);
        return field;
    }

    void setFact(Field& field, char key, const Json& value) {
        switch (key) {
        case 't':
            field.type = typeOf(text(value));
            break;
        case 'g':
            field.goType = text(value);
            break;
        case 'p':
            field.pointer = true;
            break;
        case 'w':
            field.omitEmpty = false;
            break;
        case 'z':
            field.omitZero = true;
            break;
        case 'r':
            field.required = true;
            break;
        case 'a':
            field.atomicMap = value != Json(0);
            field.granularMap = value == Json(0);
            break;
        case 'm':
            field.patchMergeKey = text(value);
            break;
        case 'l':
            field.listMerge = text(value) == "map"   ? ListMerge::Map
                              : text(value) == "set" ? ListMerge::Set
                                                     : ListMerge::Atomic;
            break;
        case 's':
            field.patchMerge = text(value).find("merge") != std::string_view::npos;
            field.patchRetainKeys = text(value).find("retainKeys") != std::string_view::npos;
            break;
        case 'k':
            for (const Json& each : value.get_array())
                field.listMapKeys.emplace_back(text(each));
            break;
        default:
            ORRERY_ASSERT(!"a fact that this program does not know");
        }
    }

    // The type of a spelling: "string", "[]core.v1.Container", "{}string".
    const Type* typeOf(std::string_view spelling) {
        const auto known = spellings_.find(spelling);
        if (known != spellings_.end())
            return known->second;
        const Type* result = nullptr;
        if (spelling.starts_with("[]") || spelling.starts_with("{}")) {
            const Type* element = typeOf(spelling.substr(2));
            Type* made = own({}, spelling[0] == '[' ? TypeKind::List : TypeKind::Map);
            made->element = element;
            result = made;
        } else if (const TypeKind kind = scalarKind(spelling); kind != TypeKind::Struct) {
            result = own(std::string(spelling), kind);
        } else {
            result = schema_.find(fullTypeName(spelling));
        }
        ORRERY_ASSERT(result != nullptr);
        spellings_.emplace(spelling, result);
        return result;
    }

    Schema& schema_;
    // Looked up only. Views into the facts' text, which outlives the builder.
    std::unordered_map<std::string_view, const Type*> spellings_;
};

Schema& Schema::builtIn() {
    static Schema schema = [] {
        Schema made;
        SchemaBuilder(made).build(facts().types.get_object());
        facts().types = Json(); // a few hundred kilobytes that nobody reads again
        return made;
    }();
    return schema;
}

} // namespace orrery::api
