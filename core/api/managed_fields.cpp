#include "core/api/managed_fields.h"

#include <algorithm>

#include "core/api/custom/custom_schema.h"
#include "core/api/managed_fields_entries.h"
#include "core/api/managed_fields_set.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace managed {

bool isValidEntry(const Json& entry) {
    const std::string_view operation = stringAt(entry, "operation");
    const Json* fields = find(entry, "fieldsV1");
    return (operation == "Apply" || operation == "Update") &&
           stringAt(entry, "fieldsType") == "FieldsV1" && fields && fields->is_object() &&
           !stringAt(entry, "apiVersion").empty();
}

bool isOwn(const Json& entry, const Writer& writer) {
    return stringAt(entry, "manager") == writer.manager &&
           stringAt(entry, "operation") == writer.operation &&
           stringAt(entry, "subresource") == writer.subresource &&
           (writer.operation == "Apply" || stringAt(entry, "apiVersion") == writer.apiVersion);
}

Json newEntry(const Writer& writer) {
    JsonObject entry;
    entry["manager"] = writer.manager;
    entry["operation"] = writer.operation;
    entry["apiVersion"] = writer.apiVersion;
    entry["fieldsType"] = "FieldsV1";
    entry["fieldsV1"] = JsonObject();
    if (!writer.subresource.empty())
        entry["subresource"] = writer.subresource;
    return entry;
}

JsonObject& fieldsOfEntry(Json& entry) {
    Json& fields = entry.get_object()["fieldsV1"];
    if (!fields.is_object())
        fields = JsonObject();
    return fields.get_object();
}

void dropEmpty(JsonArray& entries) {
    entries.erase(
        std::remove_if(entries.begin(), entries.end(),
                       [](const Json& entry) { return objectAt(entry, "fieldsV1").empty(); }),
        entries.end());
}

void sortEntries(JsonArray& entries) {
    const auto key = [](const Json& entry) {
        return std::make_tuple(stringAt(entry, "operation"), stringAt(entry, "time"),
                               stringAt(entry, "manager"), stringAt(entry, "apiVersion"),
                               stringAt(entry, "subresource"));
    };
    const auto less = [&](const Json& a, const Json& b) { return key(a) < key(b); };
    if (std::is_sorted(entries.begin(), entries.end(), less))
        return;
    std::stable_sort(entries.begin(), entries.end(), less);
}

void capEntries(JsonArray& entries) {
    constexpr std::size_t kUpdateManagersMax = 10;
    const auto isUpdate = [](const Json& entry) {
        return stringAt(entry, "operation") == "Update";
    };
    auto updates =
        static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), isUpdate));
    if (updates <= kUpdateManagersMax)
        return;
    // The oldest become one; entries are in order of time.
    FieldSet merged;
    Json bucket;
    for (auto at = entries.begin(); at != entries.end() && updates >= kUpdateManagersMax;) {
        if (!isUpdate(*at)) {
            ++at;
            continue;
        }
        merged.unite(readFields(*find(*at, "fieldsV1")));
        bucket = *at;
        at = entries.erase(at);
        --updates;
    }
    bucket.get_object()["manager"] = "ancient-changes";
    bucket.get_object().erase("subresource");
    bucket.get_object()["fieldsV1"] = writeFields(merged);
    entries.push_back(std::move(bucket));
    sortEntries(entries);
}

Ignored ignoredMembers(const KindDef& kind, std::string_view subresource) {
    const bool request = kind.kind == "CertificateSigningRequest" && !kind.custom;
    if (subresource == "status" || (request && subresource == "approval"))
        return {{"spec", ""}};
    if (!kind.statusSubresource || !subresource.empty())
        return {};
    // What a certificate is asked for never changes, so its spec is nobody's.
    return {{"status", request ? "spec" : ""}};
}

} // namespace managed

namespace {
using managed::Writer;

enum class Base : std::uint8_t { Given, Old, Reset };

// Whose list an update starts from: the request's own when it is one, else the stored one.
Base baseOf(const Json* given, std::string_view subresource) {
    if (!subresource.empty() || !given || !given->is_array())
        return Base::Old;
    const JsonArray& list = given->get_array();
    if (list.empty() || (list.size() == 1 && list[0].is_object() && list[0].get_object().empty()))
        return Base::Reset;
    return std::all_of(list.begin(), list.end(), managed::isValidEntry) ? Base::Given : Base::Old;
}

void record(JsonArray& entries, const FieldChanges& changes, const Writer& writer, Time now) {
    Json* own = nullptr;
    for (Json& entry : entries) {
        JsonObject& fields = managed::fieldsOfEntry(entry);
        removeFields(fields, changes.gone);
        if (managed::isOwn(entry, writer))
            own = &entry;
        else
            removeFields(fields, changes.taken);
    }
    if (!changes.taken.empty()) {
        if (!own) {
            entries.push_back(managed::newEntry(writer));
            own = &entries.back();
        }
        addFields(managed::fieldsOfEntry(*own), changes.taken);
        own->get_object()["time"] = formatTime(now);
    }
    managed::dropEmpty(entries);
    managed::sortEntries(entries);
    managed::capEntries(entries);
}
} // namespace

void updateManagedFields(const KindDef& kind, Json& object, const Json* old,
                         std::string_view manager, std::string_view subresource, Time now) {
    Json& metadata = ensurePath(object, "metadata");
    const Json* oldList = old ? findPath(*old, "metadata.managedFields") : nullptr;
    const Base base = baseOf(find(metadata, "managedFields"), subresource);
    if (!metadata.is_object())
        return;
    JsonObject& members = metadata.get_object();
    if (base == Base::Old) {
        const Json* given = members.if_contains("managedFields");
        if (!oldList || !oldList->is_array())
            members["managedFields"] = JsonArray();
        else if (!given || !sameValue(*given, *oldList)) // comparing is cheaper than a copy
            members["managedFields"] = *oldList;
    } else if (base == Base::Reset) {
        members["managedFields"] = JsonArray();
    }
    JsonArray& entries = members["managedFields"].get_array();
    if (entries.empty() && old) { // nobody is tracked, and an update does not begin it
        members.erase("managedFields");
        return;
    }
    const Part root{typeOf(kind), nullptr};
    const FieldChanges changes =
        compareObjects(root, old, object, managed::ignoredMembers(kind, subresource));
    if (!changes.empty()) {
        const std::string apiVersion = kind.apiVersion();
        record(entries, changes, {manager, "Update", apiVersion, subresource}, now);
    }
    if (entries.empty())
        members.erase("managedFields");
}

std::string defaultFieldManager(std::string_view userAgent) {
    constexpr std::size_t kManagerBytesMax = 128;
    std::string_view name = userAgent.substr(0, userAgent.find('/'));
    std::string out;
    for (const char c : name)
        if (c >= ' ' && c <= '~')
            out += c;
    if (out.size() > kManagerBytesMax)
        out.resize(kManagerBytesMax);
    return out.empty() ? "unknown" : out;
}

} // namespace orrery::api
