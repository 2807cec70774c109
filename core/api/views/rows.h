// Rows: which member of a view comes from which field. Type-erased, so that a view is a table; only
// the .cpp files of views include this.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/views/core_v1.h"
#include "core/base/json.h"

namespace orrery::api::views {

struct Row {
    std::string_view field;
    void (*read)(const Json& value, void* out);
};

// The rows of one schema type. A test checks each field against the facts.
struct Table {
    std::string_view type; // "io.k8s.api.core.v1.PodSpec"
    std::span<const Row> rows;
};

// Every table of the core views, for the test.
std::vector<const Table*> allTables();

// Reads each row's field that `object` has; others keep their value.
void readRows(const Json& object, const Table& table, void* out);

// --- one value into one member; a value of another kind leaves the member as it is
// -------------------

inline void assign(const Json& value, std::string& out) {
    if (const auto* text = value.if_string())
        out.assign(text->data(), text->size());
}
inline void assign(const Json& value, bool& out) {
    if (const bool* flag = value.if_bool())
        out = *flag;
}
inline void assign(const Json& value, std::int64_t& out) {
    if (const std::int64_t* number = value.if_int64())
        out = *number;
}
inline void assign(const Json& value, int& out) {
    if (const std::int64_t* number = value.if_int64())
        out = static_cast<int>(*number);
}
inline void assign(const Json& value, Json& out) {
    out = value;
}
void assign(const Json& value, Time& out);
void assign(const Json& value, StringMap& out);
void assign(const Json& value, ResourceList& out);
void assign(const Json& value, ObjectMeta& out);
void assign(const Json& value, OwnerReference& out);
void assign(const Json& value, LabelSelector& out);
void assign(const Json& value, LabelSelector::Requirement& out);
void assign(const Json& value, Condition& out);
void assign(const Json& value, Probe& out);
void assign(const Json& value, Container& out);
void assign(const Json& value, ContainerPort& out);
void assign(const Json& value, ContainerState& out);
void assign(const Json& value, ContainerStatus& out);
void assign(const Json& value, ContainerImage& out);
void assign(const Json& value, NodeAffinity& out);
void assign(const Json& value, NodeSelectorTerm& out);
void assign(const Json& value, PreferredSchedulingTerm& out);
void assign(const Json& value, Taint& out);
void assign(const Json& value, Toleration& out);
void assign(const Json& value, ServicePort& out);

template <typename T> void assign(const Json& value, std::optional<T>& out) {
    if (!value.is_null())
        assign(value, out.emplace());
}
template <typename T> void assign(const Json& value, std::vector<T>& out) {
    const JsonArray* items = value.if_array();
    if (!items)
        return;
    out.reserve(items->size());
    for (const Json& item : *items)
        assign(item, out.emplace_back());
}

// row<&Pod::nodeName>("nodeName")
template <auto Member> struct MemberOf;
template <typename T, typename V, V T::*Member> struct MemberOf<Member> {
    static void read(const Json& value, void* out) { assign(value, static_cast<T*>(out)->*Member); }
};
template <auto Member> constexpr Row row(std::string_view field) {
    return {field, &MemberOf<Member>::read};
}

} // namespace orrery::api::views
