#include "core/api/validation/validation.h"

#include <map>

#include "core/api/custom/custom_schema.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
const KindRules* rulesOf(const KindDef& kind) {
    static const auto kRules = [] {
        std::vector<KindRules> rules;
        addCoreRules(rules);
        addServiceRules(rules);
        addPodRules(rules);
        addAppsRules(rules);
        addBatchRules(rules);
        addPolicyRules(rules);
        addRbacRules(rules);
        addDefinitionRules(rules);
        addClusterRules(rules);
        addEndpointRules(rules);
        addNetworkRules(rules);
        addVolumeRules(rules);
        addStorageRules(rules);
        addWebhookRules(rules);
        addAdmissionPolicyRules(rules);
        addFlowRules(rules);
        addCertificateRules(rules);
        addDeviceRules(rules);
        addAutoscalerRules(rules);
        std::map<std::string, KindRules, std::less<>> byKind;
        for (const KindRules& rule : rules)
            byKind.emplace(std::string(rule.group) + "/" + std::string(rule.kind), rule);
        return byKind;
    }();
    const auto found = kRules.find(kind.group + "/" + kind.kind);
    return found == kRules.end() ? nullptr : &found->second;
}

void strategyErrors(Findings& findings, const KindDef& kind, const Json& object, const Json* old) {
    if (kind.strategy.validate)
        findings.append(kind.strategy.validate(object, old));
}

// Custom resources and their definitions take any finalizer that is a qualified name.
bool builtIn(const KindDef& kind) {
    return kind.schema.starts_with("io.k8s.") && kind.group != "apiextensions.k8s.io";
}

void checkAll(Findings& findings, const KindDef& kind, const KindRules* rules, const Json& object,
              const Json* old) {
    checkMetadata(findings, object, kind.scope == Scope::Namespaced, nameCheckOf(kind), "metadata",
                  builtIn(kind));
    if (rules && rules->create)
        rules->create(findings, object);
    strategyErrors(findings, kind, object, old);
}
} // namespace

FieldErrors validateCreate(const KindDef& kind, const Json& object) {
    Findings findings;
    if (kind.customSchema) {
        checkMetadata(findings, object, kind.scope == Scope::Namespaced, checkDns1123Subdomain,
                      "metadata", false);
        findings.append(validateCustom(kind, object, nullptr));
        return findings.take();
    }
    const KindRules* rules = rulesOf(kind);
    checkAll(findings, kind, rules, object, nullptr);
    if (rules && rules->createOnly)
        rules->createOnly(findings, object);
    return findings.take();
}

FieldErrors validateUpdate(const KindDef& kind, const Json& object, const Json& old,
                           std::string_view subresource) {
    Findings findings;
    const KindRules* rules = rulesOf(kind);
    const bool namespaced = kind.scope == Scope::Namespaced;
    // First what holds for every kind, then the kind's own rules, which look at metadata again.
    checkMetadata(findings, object, namespaced, checkPathSegmentName, "metadata", false);
    checkMetadataUpdate(findings, object, old, false);
    if (kind.customSchema) {
        checkMetadataUpdate(findings, object, old, false);
        findings.append(validateCustom(kind, object, &old));
        return findings.take();
    }
    const bool wholePod = subresource == "ephemeralcontainers" || subresource == "resize";
    if (!subresource.empty() && !wholePod) {
        checkMetadataUpdate(findings, object, old, builtIn(kind));
        if (rules && rules->update)
            rules->update(findings, object, old, subresource);
        return findings.take();
    }
    checkMetadataUpdate(findings, object, old, builtIn(kind));
    if (!rules || rules->updateChecksAll)
        checkAll(findings, kind, rules, object, &old);
    if (rules && rules->update)
        rules->update(findings, object, old, subresource);
    if (rules && !rules->updateChecksAll && !rules->updateSkipsMetadata)
        checkMetadata(findings, object, namespaced, nameCheckOf(kind), "metadata", builtIn(kind));
    return findings.take();
}

Error invalid(const KindDef& kind, std::string_view name, FieldErrors errors) {
    return invalid(kind.group, kind.kind, name, std::move(errors));
}

Error invalid(std::string_view group, std::string_view kind, std::string_view name,
              FieldErrors errors) {
    // Kubernetes names each different sentence once, but lists every cause.
    std::vector<std::string> sentences;
    for (const FieldError& error : errors) {
        std::string sentence = error.field + ": " + error.message;
        if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end())
            sentences.push_back(std::move(sentence));
    }
    std::string all;
    for (const std::string& sentence : sentences)
        all += (all.empty() ? "" : ", ") + sentence;
    if (sentences.size() > 1)
        all = "[" + all + "]";
    const std::string qualified =
        std::string(kind) + (group.empty() ? "" : "." + std::string(group));
    Error error = makeError(Reason::Invalid, qualified + " \"" + std::string(name) +
                                                 "\" is invalid" + (all.empty() ? "" : ": " + all));
    error.detailsName = name;
    error.detailsGroup = group;
    error.detailsKind = kind;
    error.causes = std::move(errors);
    return error;
}

} // namespace orrery::api
