#include "core/api/apply.h"

#include <algorithm>

#include "core/api/apply_typed.h"
#include "core/api/custom/custom_schema.h"
#include "core/api/managed_fields_entries.h"
#include "core/api/managed_fields_set.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
using managed::Writer;

// What applies do not set: the server's fields of the applied metadata.
Json withoutServerFields(Json applied, const Ignored& ignored) {
    JsonObject& object = applied.get_object();
    for (const std::string_view member : ignored.members)
        object.erase(member);
    if (Json* metadata = find(applied, "metadata"); metadata && metadata->is_object())
        for (const std::string_view member : {"creationTimestamp", "generation", "selfLink"})
            metadata->get_object().erase(member);
    return applied;
}

Error typedError(const KindDef& kind, const Json& applied, const std::string& what) {
    const std::string gvk = kind.group + "/" + kind.version + ", Kind=" + kind.kind;
    return makeError(Reason::Unknown, "failed to create typed patch object (" +
                                          std::string(stringAt(applied, "metadata.namespace")) +
                                          "/" + std::string(stringAt(applied, "metadata.name")) +
                                          "; " + gvk + "): " + what);
}

std::string ownerText(const Json& entry) {
    std::string text = serializeJson(Json(stringAt(entry, "manager")));
    if (const std::string_view subresource = stringAt(entry, "subresource"); !subresource.empty())
        text += " with subresource " + serializeJson(Json(subresource));
    if (stringAt(entry, "operation") == "Update")
        text += " using " + std::string(stringAt(entry, "apiVersion"));
    return text;
}

struct OwnerConflict {
    std::string owner;
    std::vector<std::string> paths;
};

Error conflictError(std::vector<OwnerConflict> conflicts) {
    std::sort(conflicts.begin(), conflicts.end(),
              [](const OwnerConflict& a, const OwnerConflict& b) { return a.owner < b.owner; });
    std::size_t count = 0;
    for (const OwnerConflict& conflict : conflicts)
        count += conflict.paths.size();
    std::string text;
    Error error = makeError(Reason::Conflict, "");
    for (const OwnerConflict& conflict : conflicts) {
        if (count > 1)
            text +=
                (text.empty() ? "" : "\n") + std::string("conflicts with ") + conflict.owner + ":";
        for (const std::string& path : conflict.paths) {
            text += count > 1 ? "\n- " + path : "conflict with " + conflict.owner + ": " + path;
            error.causes.push_back(
                {"FieldManagerConflict", "conflict with " + conflict.owner, path});
        }
    }
    error.message = "Apply failed with " + std::to_string(count) +
                    (count == 1 ? " conflict: " : " conflicts: ") + text;
    return error;
}

// The stored entries; an object that nobody is known to own belongs to "before-first-apply".
JsonArray startingEntries(const Part& root, const KindDef& kind, const Json* current) {
    const Json* list = current ? findPath(*current, "metadata.managedFields") : nullptr;
    if (!current)
        return {};
    JsonArray entries;
    if (list && list->is_array())
        for (const Json& entry : list->get_array())
            if (managed::isValidEntry(entry))
                entries.push_back(entry);
    if (!entries.empty())
        return entries;
    const FieldChanges all = compareObjects(root, nullptr, *current, {});
    if (all.taken.empty())
        return entries;
    Json entry = managed::newEntry({"before-first-apply", "Update", kind.apiVersion(), ""});
    addFields(managed::fieldsOfEntry(entry), all.taken);
    entries.push_back(std::move(entry));
    return entries;
}

Result<void> checkConflicts(const JsonArray& entries, const Writer& writer, const FieldSet& taken) {
    std::vector<OwnerConflict> conflicts;
    for (const Json& entry : entries) {
        if (managed::isOwn(entry, writer))
            continue;
        const Json* fields = find(entry, "fieldsV1");
        if (const FieldSet common = commonFields(*fields, taken); !common.empty())
            conflicts.push_back({ownerText(entry), pathTexts(common)});
    }
    if (conflicts.empty())
        return {};
    return conflictError(std::move(conflicts));
}

// One apply, step by step.
struct Apply {
    const KindDef& kind;
    const Json* current;
    const Writer writer;
    const Part root;
    JsonArray entries;
    FieldSet last, set;

    void readSets(const Json& applied) {
        entries = startingEntries(root, kind, current);
        set = fieldsOf(root, applied);
        for (const Json& entry : entries)
            if (managed::isOwn(entry, writer))
                last = readFields(*find(entry, "fieldsV1"));
    }

    FieldSet ownedByAll() const {
        FieldSet owned = set;
        // An applied object always names itself, so its metadata never goes away as a whole.
        owned.ensure("f:metadata").ensure("f:name").self = true;
        for (const Json& entry : entries)
            if (!managed::isOwn(entry, writer))
                owned.unite(readFields(*find(entry, "fieldsV1")));
        return owned;
    }

    // Writes the manager's new set; its time only when the object itself changed.
    void record(const FieldChanges& changes, Time now) {
        Json own = managed::newEntry(writer);
        for (auto at = entries.begin(); at != entries.end();) {
            if (managed::isOwn(*at, writer)) {
                if (const Json* time = find(*at, "time"))
                    own.get_object()["time"] = *time;
                at = entries.erase(at);
                continue;
            }
            JsonObject& fields = managed::fieldsOfEntry(*at);
            removeFields(fields, changes.taken);
            removeFields(fields, changes.gone);
            ++at;
        }
        if (!changes.empty())
            own.get_object()["time"] = formatTime(now);
        managed::fieldsOfEntry(own) = writeFields(set);
        entries.push_back(std::move(own));
        managed::dropEmpty(entries);
        managed::sortEntries(entries);
    }
};
} // namespace

Result<Json> applyServerSide(const KindDef& kind, const Json* current, const Json& applied,
                             std::string_view manager, bool force, Time now,
                             std::string_view subresource) {
    if (!applied.is_object())
        return badRequest("invalid object type: /, Kind=");
    if (stringAt(applied, "apiVersion") != kind.apiVersion() ||
        stringAt(applied, "kind") != kind.kind) {
        const std::string_view version = stringAt(applied, "apiVersion");
        return badRequest("invalid object type: " +
                          std::string(version.find('/') == std::string_view::npos ? "/" : "") +
                          std::string(version) +
                          ", Kind=" + std::string(stringAt(applied, "kind")));
    }
    const Json* given = findPath(applied, "metadata.managedFields");
    if (given && !given->is_null())
        return badRequest("metadata.managedFields must be nil");
    const Part root{typeOf(kind), nullptr};
    if (const std::string wrong = typedErrors(root, applied); !wrong.empty())
        return typedError(kind, applied, wrong);

    const std::string apiVersion = kind.apiVersion();
    const Json wanted = withoutServerFields(applied, managed::ignoredMembers(kind, subresource));
    Apply apply{kind, current, {manager, "Apply", apiVersion, subresource}, root, {}, {}, {}};
    apply.readSets(wanted);
    static const Json kEmpty = JsonObject();
    Json live = current ? *current : kEmpty;
    if (Json* metadata = find(live, "metadata"); metadata && metadata->is_object())
        metadata->get_object().erase("managedFields");
    Json merged =
        pruneTyped(root, mergeTyped(root, &live, &wanted), apply.last, apply.ownedByAll());
    const FieldChanges changes = compareObjects(root, current ? &live : nullptr, merged, {});
    if (!force)
        ORRERY_TRY(checkConflicts(apply.entries, apply.writer, changes.taken));
    apply.record(changes, now);
    Json& metadata = ensurePath(merged, "metadata");
    if (!metadata.is_object())
        metadata = JsonObject();
    if (!apply.entries.empty())
        metadata.get_object()["managedFields"] = std::move(apply.entries);
    return merged;
}

} // namespace orrery::api
