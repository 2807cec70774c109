#include "core/api/kind.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace orrery::api {

namespace {
// Where etcd has a kind when that is not its plural name.
std::string_view specialPrefix(std::string_view group, std::string_view plural) {
    struct Special {
        std::string_view group, plural, prefix;
    };
    static constexpr Special kSpecial[] = {
        {"", "replicationcontrollers", "controllers"},
        {"", "endpoints", "services/endpoints"},
        {"", "services", "services/specs"},
        {"", "nodes", "minions"},
        {"networking.k8s.io", "ingresses", "ingress"},
        {"apiextensions.k8s.io", "customresourcedefinitions",
         "apiextensions.k8s.io/customresourcedefinitions"},
        {"apiregistration.k8s.io", "apiservices", "apiregistration.k8s.io/apiservices"},
    };
    for (const Special& each : kSpecial)
        if (each.group == group && each.plural == plural)
            return each.prefix;
    return plural;
}

// Kubernetes' order of versions, newest and most stable first: v2, v1, v1beta1, v1alpha1, then
// other names.
std::tuple<int, int, int> versionRank(std::string_view version) {
    constexpr std::tuple<int, int, int> kOther{3, 0, 0};
    if (!version.starts_with('v'))
        return kOther;
    int major = 0, minor = 0;
    const char* end = version.data() + version.size();
    auto parsed = std::from_chars(version.data() + 1, end, major);
    if (parsed.ec != std::errc() || major <= 0)
        return kOther;
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    if (rest.empty())
        return {0, -major, 0};
    const bool beta = rest.starts_with("beta");
    if (!beta && !rest.starts_with("alpha"))
        return kOther;
    const std::string_view digits = rest.substr(beta ? 4 : 5);
    if (digits.empty())
        return {beta ? 1 : 2, -major, 0};
    parsed = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return kOther;
    return {beta ? 1 : 2, -major, -minor};
}

std::string resourceKey(std::string_view group, std::string_view version, std::string_view plural) {
    std::string key;
    key.reserve(group.size() + version.size() + plural.size() + 2);
    key.append(group).append(1, '/').append(version).append(1, '/').append(plural);
    return key;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

bool isNamed(const KindDef& kind, std::string_view name) {
    return name == kind.plural || name == kind.singular || name == lower(kind.kind) ||
           std::find(kind.shortNames.begin(), kind.shortNames.end(), name) != kind.shortNames.end();
}
} // namespace

bool versionBefore(std::string_view a, std::string_view b) {
    return std::make_tuple(versionRank(a), a) < std::make_tuple(versionRank(b), b);
}

std::string KindDef::keyPrefix() const {
    std::string prefix = "/registry/";
    if (custom)
        prefix.append(group).append(1, '/').append(plural);
    else
        prefix.append(specialPrefix(group, plural));
    return prefix += '/';
}

std::string KindDef::key(std::string_view namespace_, std::string_view name) const {
    std::string result = keyPrefix();
    result.reserve(result.size() + namespace_.size() + 1 + name.size());
    if (scope == Scope::Namespaced)
        result.append(namespace_).append(1, '/');
    return result.append(name);
}

const KindDef* KindRegistry::byResource(std::string_view group, std::string_view version,
                                        std::string_view plural) const {
    const auto at = byResource_.find(resourceKey(group, version, plural));
    return at == byResource_.end() ? nullptr : at->second;
}

const KindDef* KindRegistry::byKind(std::string_view group, std::string_view version,
                                    std::string_view kind) const {
    const auto at = kinds_.find({std::string(group), std::string(version), std::string(kind)});
    return at == kinds_.end() ? nullptr : at->second.get();
}

const KindDef* KindRegistry::byApiVersion(std::string_view apiVersion,
                                          std::string_view kind) const {
    const std::size_t slash = apiVersion.find('/');
    return slash == std::string_view::npos
               ? byKind("", apiVersion, kind)
               : byKind(apiVersion.substr(0, slash), apiVersion.substr(slash + 1), kind);
}

const KindDef* KindRegistry::bodyKind(std::string_view apiVersion, std::string_view kind) const {
    if (const KindDef* served = byApiVersion(apiVersion, kind))
        return served;
    const std::size_t slash = apiVersion.find('/');
    GroupVersionKind gvk;
    if (slash != std::string_view::npos)
        gvk.group = apiVersion.substr(0, slash);
    gvk.version = slash == std::string_view::npos ? apiVersion : apiVersion.substr(slash + 1);
    gvk.kind = kind;
    const auto at = bodies_.find(gvk);
    return at == bodies_.end() ? nullptr : at->second.get();
}

const KindDef* KindRegistry::byUserName(std::string_view name) const {
    const std::string wanted = lower(name);
    for (const KindDef* kind : ordered_)
        if (isNamed(*kind, wanted))
            return kind;
    const std::size_t dot = wanted.find('.');
    if (dot == std::string::npos)
        return nullptr;
    const std::string_view head = std::string_view(wanted).substr(0, dot);
    const std::string_view tail = std::string_view(wanted).substr(dot + 1);
    for (const KindDef* kind : ordered_)
        if (isNamed(*kind, head) &&
            (tail == kind->group || tail == kind->version + "." + kind->group))
            return kind;
    return nullptr;
}

void KindRegistry::setFamily(const std::string& name, std::shared_ptr<const KindFamily> family,
                             std::vector<const KindDef*> served) {
    Family& slot = families_[name];
    for (const GroupVersionKind& gvk : slot.served)
        kinds_.erase(gvk);
    slot.served.clear();
    slot.kinds = std::move(family);
    for (const KindDef* kind : served) {
        // A kind that is there already, built in or of another family, stays.
        if (kinds_.try_emplace(kind->gvk(), std::shared_ptr<const KindDef>(slot.kinds, kind))
                .second)
            slot.served.push_back(kind->gvk());
    }
    if (!slot.kinds)
        families_.erase(name);
    reorder();
}

void KindRegistry::onChange(std::weak_ptr<void> owner, std::function<void()> listener) const {
    listeners_.push_back({std::move(owner), std::move(listener)});
}

void KindRegistry::tellChanged() const {
    std::erase_if(listeners_, [](const Listener& one) { return one.owner.expired(); });
    for (std::size_t i = 0; i < listeners_.size(); ++i) // a listener may add another one
        listeners_[i].tell();
}

void KindRegistry::reorder() {
    ordered_.clear();
    byResource_.clear();
    for (const auto& [gvk, kind] : kinds_) {
        ordered_.push_back(kind.get());
        byResource_[resourceKey(kind->group, kind->version, kind->plural)] = kind.get();
    }
    const auto rank = [this](const KindDef* kind) {
        const auto at = groupRank_.find(kind->group);
        // Groups of custom resources come after the built-in ones, by name.
        return at == groupRank_.end() ? static_cast<int>(groupRank_.size()) : at->second;
    };
    std::sort(ordered_.begin(), ordered_.end(), [&](const KindDef* a, const KindDef* b) {
        return std::make_tuple(rank(a), std::string_view(a->group), versionRank(a->version),
                               std::string_view(a->version), std::string_view(a->plural)) <
               std::make_tuple(rank(b), std::string_view(b->group), versionRank(b->version),
                               std::string_view(b->version), std::string_view(b->plural));
    });
}

} // namespace orrery::api
