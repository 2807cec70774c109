#include "core/api/discovery.h"

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/digest.h"

namespace orrery::api {

namespace {
JsonArray texts(const std::vector<std::string>& values) {
    JsonArray result;
    result.reserve(values.size());
    for (const std::string& value : values)
        result.emplace_back(value);
    return result;
}

Json versionEntry(const KindDef& kind) {
    return JsonObject{{"groupVersion", kind.apiVersion()}, {"version", kind.version}};
}

// The kinds of a group, in order; those of one version stand together.
std::vector<const KindDef*> kindsOf(const KindRegistry& kinds, std::string_view group) {
    std::vector<const KindDef*> result;
    for (const KindDef* kind : kinds.all())
        if (kind->group == group)
            result.push_back(kind);
    return result;
}

Json groupEntry(const std::vector<const KindDef*>& kinds) {
    JsonArray versions;
    std::string_view last;
    for (const KindDef* kind : kinds) {
        if (kind->version != last)
            versions.push_back(versionEntry(*kind));
        last = kind->version;
    }
    JsonObject group;
    group["name"] = kinds.front()->group;
    group["versions"] = std::move(versions);
    group["preferredVersion"] = versionEntry(*kinds.front());
    return group;
}

// Tells migrations when the stored version of a kind has changed. Kinds that are only computed
// (reviews, component statuses) are stored nowhere.
std::string storageVersionHash(const KindDef& kind) {
    const auto& verbs = kind.verbs;
    const bool stored = std::find(verbs.begin(), verbs.end(), "list") != verbs.end() &&
                        kind.kind != "ComponentStatus";
    if (!stored)
        return {};
    constexpr std::size_t kHashBytes = 8;
    const std::string& version = kind.storageVersion.empty() ? kind.version : kind.storageVersion;
    return base64(
        sha256(kind.storageGroup + "/" + version + "/" + kind.kind).substr(0, kHashBytes));
}

Json resourceEntry(const KindDef& kind) {
    JsonObject entry;
    entry["name"] = kind.plural;
    entry["singularName"] = kind.singular;
    entry["namespaced"] = kind.scope == Scope::Namespaced;
    entry["kind"] = kind.kind;
    entry["verbs"] = texts(kind.verbs);
    if (!kind.shortNames.empty())
        entry["shortNames"] = texts(kind.shortNames);
    if (!kind.categories.empty())
        entry["categories"] = texts(kind.categories);
    if (const std::string hash = storageVersionHash(kind); !hash.empty())
        entry["storageVersionHash"] = hash;
    return entry;
}

Json subresourceEntry(const KindDef& kind, const Subresource& sub) {
    JsonObject entry;
    entry["name"] = kind.plural + "/" + sub.name;
    entry["singularName"] = "";
    entry["namespaced"] = kind.scope == Scope::Namespaced;
    if (!sub.group.empty())
        entry["group"] = sub.group;
    if (!sub.version.empty())
        entry["version"] = sub.version;
    entry["kind"] = sub.kind;
    entry["verbs"] = texts(sub.verbs);
    return entry;
}

// Aggregated discovery leaves group and version empty where they are the resource's own; custom
// resources always say them.
Json responseKind(const KindDef& kind, const Subresource* sub) {
    JsonObject result;
    const bool own = !sub || (sub->group.empty() && sub->version.empty());
    const bool explicitly = own && kind.custom;
    result["group"] = explicitly ? kind.group : sub ? sub->group : "";
    result["version"] = explicitly ? kind.version : sub ? sub->version : "";
    result["kind"] = sub ? sub->kind : kind.kind;
    return result;
}

Json aggregatedResource(const KindDef& kind) {
    JsonObject entry;
    entry["resource"] = kind.plural;
    entry["responseKind"] = responseKind(kind, nullptr);
    entry["scope"] = kind.scope == Scope::Namespaced ? "Namespaced" : "Cluster";
    entry["singularResource"] = kind.singular;
    entry["verbs"] = texts(kind.verbs);
    if (!kind.shortNames.empty())
        entry["shortNames"] = texts(kind.shortNames);
    if (!kind.categories.empty())
        entry["categories"] = texts(kind.categories);
    JsonArray subresources;
    for (const Subresource& sub : kind.subresources) {
        JsonObject item;
        item["subresource"] = sub.name;
        item["responseKind"] = responseKind(kind, &sub);
        item["verbs"] = texts(sub.verbs);
        subresources.push_back(std::move(item));
    }
    if (!subresources.empty())
        entry["subresources"] = std::move(subresources);
    return entry;
}

Json aggregatedGroup(const std::vector<const KindDef*>& kinds) {
    JsonArray versions;
    std::string_view last;
    for (const KindDef* kind : kinds) {
        if (kind->version != last) {
            JsonObject version;
            version["version"] = kind->version;
            version["resources"] = JsonArray();
            version["freshness"] = "Current";
            versions.push_back(std::move(version));
        }
        last = kind->version;
        versions.back().get_object()["resources"].get_array().push_back(aggregatedResource(*kind));
    }
    JsonObject metadata;
    if (!kinds.front()->group.empty())
        metadata["name"] = kinds.front()->group;
    return JsonObject{{"metadata", std::move(metadata)}, {"versions", std::move(versions)}};
}

// Calls `take` with the kinds of each group except core, in order.
template <typename Take> void eachGroup(const KindRegistry& kinds, Take take) {
    std::vector<const KindDef*> group;
    for (const KindDef* kind : kinds.all()) {
        if (!group.empty() && group.front()->group != kind->group) {
            take(group);
            group.clear();
        }
        if (!kind->group.empty())
            group.push_back(kind);
    }
    if (!group.empty())
        take(group);
}
} // namespace

Json legacyCoreVersions(std::string_view serverAddress) {
    JsonObject client{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", serverAddress}};
    JsonObject result;
    result["kind"] = "APIVersions";
    result["versions"] = JsonArray{"v1"};
    result["serverAddressByClientCIDRs"] = JsonArray{std::move(client)};
    return result;
}

Json groupList(const KindRegistry& kinds) {
    JsonObject result;
    result["kind"] = "APIGroupList";
    result["apiVersion"] = "v1";
    JsonArray groups;
    eachGroup(kinds, [&](const auto& group) { groups.push_back(groupEntry(group)); });
    result["groups"] = std::move(groups);
    return result;
}

Json groupDocument(const KindRegistry& kinds, std::string_view group) {
    const std::vector<const KindDef*> found = kindsOf(kinds, group);
    if (found.empty() || group.empty())
        return nullptr;
    JsonObject result;
    result["kind"] = "APIGroup";
    result["apiVersion"] = "v1";
    Json entry = groupEntry(found);
    for (auto& each : entry.get_object())
        result[each.key()] = std::move(each.value());
    return result;
}

Json resourceList(const KindRegistry& kinds, std::string_view group, std::string_view version) {
    JsonObject result;
    result["kind"] = "APIResourceList";
    if (!group.empty()) // the core group's document lacks it, as Kubernetes' does
        result["apiVersion"] = "v1";
    JsonArray resources;
    for (const KindDef* kind : kinds.all()) {
        if (kind->group != group || kind->version != version)
            continue;
        result["groupVersion"] = kind->apiVersion();
        resources.push_back(resourceEntry(*kind));
        for (const Subresource& sub : kind->subresources)
            resources.push_back(subresourceEntry(*kind, sub));
    }
    if (resources.empty())
        return nullptr;
    result["resources"] = std::move(resources);
    return result;
}

Json aggregatedDiscovery(const KindRegistry& kinds, bool core) {
    JsonArray items;
    if (core) {
        if (const std::vector<const KindDef*> found = kindsOf(kinds, ""); !found.empty())
            items.push_back(aggregatedGroup(found));
    } else {
        eachGroup(kinds, [&](const auto& group) { items.push_back(aggregatedGroup(group)); });
    }
    JsonObject result;
    result["kind"] = "APIGroupDiscoveryList";
    result["apiVersion"] = "apidiscovery.k8s.io/v2";
    result["metadata"] = JsonObject();
    result["items"] = std::move(items);
    return result;
}

} // namespace orrery::api
