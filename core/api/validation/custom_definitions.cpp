// CustomResourceDefinitions: names, versions, subresources, columns, conversion, what an update may
// not change. Their schemas: custom_schemas.cpp; parts of a version: custom_versions.cpp.
#include <algorithm>
#include <map>
#include <set>

#include "core/api/custom/custom_kinds.h"
#include "core/api/validation/custom_schemas.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr const char* kApproval = "api-approved.kubernetes.io";
std::string joined(const Sentences& sentences) {
    std::string out;
    for (const std::string& each : sentences)
        out += (out.empty() ? "" : ",") + each;
    return out;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

const Json& memberOr(const Json& object, std::string_view path, const Json& otherwise) {
    const Json* value = findPath(object, path);
    return value ? *value : otherwise;
}

// What Kubernetes keeps once when all versions agree on it: it is reported there.
struct Shared {
    bool schema = true, subresources = true, columns = true, selectable = true;

    explicit Shared(const JsonArray& versions) {
        static const Json kNone;
        const auto same = [&versions](std::string_view key) {
            return std::all_of(versions.begin(), versions.end(), [&](const Json& version) {
                return sameValue(memberOr(version, key, kNone),
                                 memberOr(versions.front(), key, kNone));
            });
        };
        schema = same("schema");
        subresources = same("subresources");
        columns = same("additionalPrinterColumns");
        selectable = same("selectableFields");
    }
};

// The versions as Go prints its own struct, with what is kept elsewhere left out.
Json internalVersions(const Json& spec, const Shared& shared) {
    const Json* versions = find(spec, "versions");
    if (!versions || !versions->is_array())
        return Json();
    JsonArray out;
    for (const Json& version : versions->get_array()) {
        const auto own = [&version](bool elsewhere, std::string_view key) {
            const Json* value = elsewhere ? nullptr : find(version, key);
            return value ? *value : Json();
        };
        JsonObject one;
        one["Name"] = stringAt(version, "name");
        one["Served"] = boolAt(version, "served");
        one["Storage"] = boolAt(version, "storage");
        one["Deprecated"] = boolAt(version, "deprecated");
        one["DeprecationWarning"] = own(false, "deprecationWarning");
        // DIVERGES: what differs from version to version is printed as it was sent.
        one["Schema"] = own(shared.schema, "schema");
        one["Subresources"] = own(shared.subresources, "subresources");
        one["AdditionalPrinterColumns"] = own(shared.columns, "additionalPrinterColumns");
        one["SelectableFields"] = own(shared.selectable, "selectableFields");
        out.push_back(std::move(one));
    }
    return out;
}

void checkVersion(Findings& findings, const Json& version, const Shared& shared,
                  const std::string& path) {
    const std::string_view name = stringAt(version, "name");
    if (const Sentences wrong = checkDns1035Label(name); !wrong.empty())
        findings.invalid(path + ".name", name, joined(wrong));
    checkDeprecationWarning(findings, version, path);
    const Json* subresources = find(version, "subresources");
    if (!shared.schema)
        checkDefinitionSchema(findings, findPath(version, "schema.openAPIV3Schema"),
                              subresources && find(*subresources, "status"),
                              path + ".schema.openAPIV3Schema");
    if (!shared.subresources)
        checkDefinitionSubresources(findings, subresources, path + ".subresources");
    if (!shared.columns)
        checkDefinitionColumns(findings, arrayAt(version, "additionalPrinterColumns"),
                               path + ".additionalPrinterColumns");
    if (!shared.selectable)
        checkSelectableFields(findings, version, path + ".selectableFields");
}

void checkNames(Findings& findings, const Json& names, const std::string& path) {
    const auto label = [&](const char* member, bool mixed) {
        const std::string_view value = stringAt(names, member);
        const Sentences wrong = checkDns1035Label(mixed ? lowered(value) : std::string(value));
        if (value.empty() || wrong.empty())
            return;
        findings.invalid(path + "." + member, value,
                         (mixed ? "may have mixed case, but should otherwise match: " : "") +
                             joined(wrong));
    };
    const auto labels = [&](const char* member) {
        const JsonArray& values = arrayAt(names, member);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (const Sentences wrong = checkDns1035Label(asString(values[i])); !wrong.empty())
                findings.invalid(at(path + "." + member, i), asString(values[i]), joined(wrong));
    };
    label("plural", false);
    label("singular", false);
    label("kind", true);
    label("listKind", true);
    labels("shortNames");
    const std::string_view kind = stringAt(names, "kind");
    if (!kind.empty() && kind == stringAt(names, "listKind"))
        findings.invalid(path + ".listKind", kind, "kind and listKind may not be the same");
    labels("categories");
}

void checkGroup(Findings& findings, std::string_view group) {
    if (group.empty())
        findings.required("spec.group");
    else if (const Sentences wrong = checkDns1123Subdomain(group); !wrong.empty())
        findings.invalid("spec.group", group, joined(wrong));
    else if (group.find('.') == std::string_view::npos)
        findings.invalid("spec.group", group, "should be a domain with at least one dot");
}

void checkScope(Findings& findings, std::string_view scope) {
    if (scope.empty())
        findings.required("spec.scope");
    else if (scope != "Cluster" && scope != "Namespaced")
        findings.notSupported("spec.scope", Json(scope), {"Cluster", "Namespaced"});
}

void checkVersions(Findings& findings, const Json& spec, const Shared& shared) {
    const JsonArray& versions = arrayAt(spec, "versions");
    for (std::size_t i = 0; i < versions.size(); ++i)
        if (!findPath(versions[i], "schema.openAPIV3Schema"))
            findings.required(at("spec.versions", i) + ".schema.openAPIV3Schema");
    std::set<std::string_view> names;
    int storage = 0;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        names.insert(stringAt(versions[i], "name"));
        storage += boolAt(versions[i], "storage") ? 1 : 0;
        checkVersion(findings, versions[i], shared, at("spec.versions", i));
    }
    if (names.size() != versions.size())
        findings.invalid("spec.versions", internalVersions(spec, shared),
                         "must contain unique version names");
    if (storage != 1)
        findings.invalid("spec.versions", internalVersions(spec, shared),
                         "must have exactly one version marked as storage version");
    if (versions.empty())
        return;
    // The first version's name, once more under its old place.
    const std::string_view first = stringAt(versions.front(), "name");
    if (const Sentences wrong = checkDns1035Label(first); !first.empty() && !wrong.empty())
        findings.invalid("spec.version", first, joined(wrong));
}

void checkConversion(Findings& findings, const Json& spec) {
    const Json* conversion = find(spec, "conversion");
    if (!conversion)
        return;
    const std::string path = "spec.conversion";
    const std::string_view strategy = stringAt(*conversion, "strategy");
    const Json* webhook = find(*conversion, "webhook");
    const JsonArray& reviews =
        webhook ? arrayAt(*webhook, "conversionReviewVersions") : JsonArray();
    if (strategy.empty())
        findings.required(path + ".strategy");
    else if (strategy != "None" && strategy != "Webhook")
        findings.notSupported(path + ".strategy", Json(strategy), {"None", "Webhook"});
    if (strategy == "Webhook") {
        if (!webhook || !find(*webhook, "clientConfig"))
            findings.required(path + ".webhookClientConfig",
                              "required when strategy is set to Webhook");
        if (reviews.empty())
            findings.required(path + ".conversionReviewVersions");
        const bool known = std::any_of(reviews.begin(), reviews.end(), [](const Json& review) {
            return asString(review) == "v1" || asString(review) == "v1beta1";
        });
        if (!reviews.empty() && !known)
            findings.invalid(path + ".conversionReviewVersions", Json(reviews),
                             "must include at least one of v1, v1beta1");
        for (std::size_t i = 0; i < reviews.size(); ++i)
            if (const Sentences wrong = checkDns1035Label(asString(reviews[i])); !wrong.empty())
                findings.invalid(at(path + ".conversionReviewVersions", i), asString(reviews[i]),
                                 joined(wrong));
        return;
    }
    if (webhook && find(*webhook, "clientConfig"))
        findings.forbidden(path + ".webhookClientConfig",
                           "should not be set when strategy is not set to Webhook");
    if (!reviews.empty())
        findings.forbidden(path + ".conversionReviewVersions",
                           "should not be set when strategy is not set to Webhook");
}

void checkSpec(Findings& findings, const Json& spec) {
    static const Json kNone = JsonObject();
    checkGroup(findings, stringAt(spec, "group"));
    checkScope(findings, stringAt(spec, "scope"));
    const JsonArray& versions = arrayAt(spec, "versions");
    const Shared shared(versions);
    checkVersions(findings, spec, shared);
    const Json& names = memberOr(spec, "names", kNone);
    for (const char* member : {"plural", "singular", "kind", "listKind"})
        if (stringAt(names, member).empty())
            findings.required(std::string("spec.names.") + member);
    checkNames(findings, names, "spec.names");
    if (!versions.empty()) {
        const Json& first = versions.front();
        const Json* subresources = find(first, "subresources");
        const auto hasStatus = [](const Json& version) {
            return findPath(version, "subresources.status") != nullptr;
        };
        if (shared.schema)
            checkDefinitionSchema(findings, findPath(first, "schema.openAPIV3Schema"),
                                  std::any_of(versions.begin(), versions.end(), hasStatus),
                                  "spec.validation.openAPIV3Schema");
        if (shared.subresources)
            checkDefinitionSubresources(findings, subresources, "spec.subresources");
        if (shared.columns)
            checkDefinitionColumns(findings, arrayAt(first, "additionalPrinterColumns"),
                                   "spec.additionalPrinterColumns");
        if (shared.selectable)
            checkSelectableFields(findings, first, "spec.selectableFields");
    }
    checkConversion(findings, spec);
}

void checkStoredVersions(Findings& findings, const Json& definition) {
    const std::string path = "status.storedVersions";
    const JsonArray& stored = arrayAt(definition, path);
    if (stored.empty())
        return findings.invalid(path, Json(), "must have at least one stored version");
    std::map<std::string_view, std::size_t> left;
    for (std::size_t i = 0; i < stored.size(); ++i)
        left[asString(stored[i])] = i;
    for (const Json& version : arrayAt(definition, "spec.versions")) {
        const std::string_view name = stringAt(version, "name");
        const bool there = left.erase(name) != 0;
        if (boolAt(version, "storage") && !there)
            findings.invalid(path, Json(stored),
                             "must have the storage version " + std::string(name));
    }
    for (const auto& [name, index] : left) {
        const std::string version(name);
        findings.invalid(at(path, index), name,
                         "missing from spec.versions; " + version +
                             " was previously a storage version, and must remain in spec.versions "
                             "until a storage migration ensures no data remains persisted in " +
                             version + " and removes " + version + " from status.storedVersions");
    }
}

bool isProtected(std::string_view group) {
    return group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") ||
           group.ends_with(".kubernetes.io");
}

// Groups of the Kubernetes community want its word for it.
void checkApproval(Findings& findings, const Json& definition) {
    if (!isProtected(stringAt(definition, "spec.group")))
        return;
    const std::string field = std::string("metadata.annotations[") + kApproval + "]";
    const JsonObject& annotations = objectAt(definition, "metadata.annotations");
    const Json* approval = annotations.if_contains(kApproval);
    const std::string_view text = approval ? asString(*approval) : std::string_view();
    if (text.empty())
        return findings.required(field, "protected groups must have approval annotation "
                                        "\"api-approved.kubernetes.io\", see "
                                        "https://github.com/kubernetes/enhancements/pull/1111");
    const std::size_t scheme = text.find("://");
    const bool url = scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3 &&
                     text[scheme + 3] != '/';
    if (!url && !text.starts_with("unapproved"))
        findings.invalid(field, text,
                         "protected groups must have approval annotation "
                         "\"api-approved.kubernetes.io\" with either a URL or a reason starting "
                         "with \"unapproved\", see "
                         "https://github.com/kubernetes/enhancements/pull/1111");
}

void checkDefinition(Findings& findings, const Json& definition) {
    static const Json kNone = JsonObject();
    checkSpec(findings, memberOr(definition, "spec", kNone));
    checkNames(findings, memberOr(definition, "status.acceptedNames", kNone),
               "status.acceptedNames");
    checkStoredVersions(findings, definition);
}

void checkCreation(Findings& findings, const Json& definition) {
    const std::string_view name = stringAt(definition, "metadata.name");
    const std::string wanted = std::string(stringAt(definition, "spec.names.plural")) + "." +
                               std::string(stringAt(definition, "spec.group"));
    if (name != wanted)
        findings.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
    checkDefinition(findings, definition);
    checkApproval(findings, definition);
    if (boolAt(definition, "spec.preserveUnknownFields"))
        findings.invalid("spec.preserveUnknownFields", Json(true),
                         "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                         "spec.versions[*].schema instead");
}

void checkChange(Findings& findings, const Json& definition, const Json& old,
                 std::string_view subresource) {
    if (!subresource.empty()) {
        static const Json kNone = JsonObject();
        return checkNames(findings, memberOr(definition, "status.acceptedNames", kNone),
                          "status.acceptedNames");
    }
    const bool preserved = boolAt(old, "spec.preserveUnknownFields");
    checkDefinition(findings, definition);
    if (conditionStatus(old, "Established") == "True") {
        checkImmutable(findings, definition, old, "spec.scope");
        checkImmutable(findings, definition, old, "spec.names.kind");
    }
    checkImmutable(findings, definition, old, "spec.group");
    checkImmutable(findings, definition, old, "spec.names.plural");
    if (!preserved && boolAt(definition, "spec.preserveUnknownFields"))
        findings.invalid("spec.preserveUnknownFields", Json(true),
                         "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                         "spec.versions[*].schema instead");
}
} // namespace

void addDefinitionRules(std::vector<KindRules>& rules) {
    KindRules definition;
    definition.group = kDefinitionGroup;
    definition.kind = "CustomResourceDefinition";
    definition.createOnly = checkCreation;
    definition.update = checkChange;
    definition.updateChecksAll = false;
    rules.push_back(definition);
}

} // namespace orrery::api
