#include "core/api/schema.h"

#include <algorithm>

namespace orrery::api {

namespace {
// FNV-1a, folded: field names are short, and the tables are half empty.
std::uint32_t hashName(std::string_view name) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash ^ (hash >> 15);
}
} // namespace

const Field* Type::field(std::string_view fieldName) const {
    if (slots_.empty())
        return nullptr;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hashName(fieldName) & mask;; at = (at + 1) & mask) {
        const std::uint16_t slot = slots_[at];
        if (slot == 0)
            return nullptr;
        if (fields[slot - 1U].name == fieldName)
            return &fields[slot - 1U];
    }
}

void Type::index() {
    std::sort(fields.begin(), fields.end(),
              [](const Field& a, const Field& b) { return a.name < b.name; });
    std::size_t size = 4;
    while (size < fields.size() * 2)
        size *= 2;
    slots_.assign(fields.empty() ? 0 : size, 0);
    always.clear();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::size_t at = hashName(fields[i].name) & (size - 1);
        while (slots_[at] != 0)
            at = (at + 1) & (size - 1);
        slots_[at] = static_cast<std::uint16_t>(i + 1);
    }
    for (const Field& each : fields) {
        const TypeKind what = each.type ? each.type->kind : TypeKind::Any;
        // Go's omitempty never leaves a struct out, only a pointer to one.
        const bool valueStruct = what == TypeKind::Struct || what == TypeKind::Time ||
                                 what == TypeKind::MicroTime || what == TypeKind::Quantity ||
                                 what == TypeKind::IntOrString;
        if (!each.omitEmpty || (valueStruct && !each.pointer && !each.omitZero))
            always.push_back(&each);
    }
}

const Type* Schema::find(std::string_view name) const {
    const auto at = byName_.find(name);
    return at == byName_.end() ? nullptr : at->second;
}

std::vector<const Type*> Schema::all() const {
    std::vector<const Type*> result;
    result.reserve(byName_.size());
    for (const auto& [name, type] : byName_) // sorted below: the order does not come from hashing
        result.push_back(type);
    std::sort(result.begin(), result.end(),
              [](const Type* a, const Type* b) { return a->name < b->name; });
    return result;
}

const Type* typeAt(const Type& root, std::string_view path) {
    const Type* at = &root;
    while (at && !path.empty()) {
        while (at->kind == TypeKind::List)
            at = at->element;
        const std::size_t dot = path.find('.');
        const std::string_view step = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
        if (at->kind == TypeKind::Map) {
            at = at->element;
        } else if (at->kind == TypeKind::Struct) {
            const Field* field = at->field(step);
            at = field ? field->type : nullptr;
        } else {
            at = nullptr;
        }
    }
    return at;
}

} // namespace orrery::api
