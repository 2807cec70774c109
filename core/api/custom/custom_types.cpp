// Structural schemas as types.
#include "core/api/custom/custom_schema.h"

namespace orrery::api {

class CustomTypeBuilder {
  public:
    explicit CustomTypeBuilder(std::deque<Type>& types) : types_(types) {}

    const Type* root(const SchemaNode& schema) { return structOf(schema, true); }

  private:
    Type* own(TypeKind kind) {
        types_.emplace_back();
        types_.back().kind = kind;
        return &types_.back();
    }

    // A value that the schema says nothing of: what it is decides how it merges.
    Type* deduced() {
        Type* type = own(TypeKind::Any);
        type->preserveUnknown = true;
        return type;
    }

    static Field fieldOf(std::string name, const Type* type) {
        Field field;
        field.name = std::move(name);
        field.type = type;
        field.pointer = true; // never written unless somebody set it
        return field;
    }

    Type* structOf(const SchemaNode& schema, bool resource) {
        Type* type = own(TypeKind::Struct);
        type->preserveUnknown = schema.preserveUnknown;
        type->embeddedResource = resource;
        type->nullable = schema.nullable;
        type->atomicMap = schema.atomicMap;
        for (const SchemaProperty& each : schema.properties) {
            if (resource &&
                (each.name == "metadata" || each.name == "apiVersion" || each.name == "kind"))
                continue;
            Field field = fieldOf(each.name, typeOfNode(each.node));
            field.atomicMap = each.node.atomicMap;
            field.listMerge = each.node.listMerge;
            field.listMapKeys = each.node.listMapKeys;
            if (each.node.defaultValue)
                field.defaultValue = *each.node.defaultValue;
            type->fields.push_back(std::move(field));
        }
        if (resource)
            addObjectFields(*type);
        type->index();
        return type;
    }

    void addObjectFields(Type& type) {
        for (const char* name : {"apiVersion", "kind"})
            type.fields.push_back(fieldOf(name, own(TypeKind::String)));
        type.fields.push_back(fieldOf(
            "metadata", Schema::builtIn().find("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")));
    }

    const Type* typeOfNode(const SchemaNode& node) {
        if (node.intOrString)
            return own(TypeKind::IntOrString);
        if (node.type == "object" || node.embeddedResource)
            return objectOf(node);
        if (node.type == "array")
            return listOf(node);
        if (node.type == "string")
            return own(TypeKind::String);
        if (node.type == "boolean")
            return own(TypeKind::Bool);
        if (node.type == "integer")
            return own(TypeKind::Int64);
        if (node.type == "number")
            return own(TypeKind::Double);
        return deduced();
    }

    const Type* objectOf(const SchemaNode& node) {
        if (!node.properties.empty() || node.embeddedResource)
            return structOf(node, node.embeddedResource);
        if (!node.additional)
            return node.atomicMap ? own(TypeKind::Any) : deduced();
        Type* type = own(TypeKind::Map);
        type->nullable = node.nullable;
        type->atomicMap = node.atomicMap;
        type->element = typeOfNode(*node.additional);
        return type;
    }

    const Type* listOf(const SchemaNode& node) {
        Type* type = own(TypeKind::List);
        type->nullable = node.nullable;
        type->listMerge = node.listMerge;
        type->listMapKeys = node.listMapKeys;
        type->element = node.items ? typeOfNode(*node.items) : deduced();
        return type;
    }

    std::deque<Type>& types_;
};

CustomSchema::CustomSchema(const Json& openApiSchema) : root(compileSchema(openApiSchema)) {
    type = CustomTypeBuilder(types_).root(root);
}

const Type* typeOf(const KindDef& kind) {
    return kind.customSchema ? kind.customSchema->type : Schema::builtIn().find(kind.schema);
}

} // namespace orrery::api
