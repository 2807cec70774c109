#include "core/auth/rbac.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";
constexpr std::string_view kSubjectIndex = "rbac-subject";
constexpr std::size_t kRememberedMax = 20'000; // users times namespaces

// How the index names a subject: 'u' or 'g', and the name; "" for what is no subject. Bindings of
// a namespace have it in front.
std::string subjectKey(const RbacSubject& subject) {
    if (subject.kind == "User")
        return "u" + subject.name;
    if (subject.kind == "Group")
        return "g" + subject.name;
    if (subject.kind == "ServiceAccount" && !subject.namespace_.empty())
        return "usystem:serviceaccount:" + subject.namespace_ + ":" + subject.name;
    return "";
}

std::vector<std::string> subjectKeys(const RbacBinding& binding) {
    std::vector<std::string> keys;
    for (const RbacSubject& subject : binding.subjects)
        if (const std::string key = subjectKey(subject); !key.empty())
            keys.push_back(binding.metadata.namespace_ + "\n" + key);
    return keys;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

// The first subject of the binding that is the user: upstream names that one.
std::string subjectText(const RbacBinding& binding, const UserInfo& user) {
    for (const RbacSubject& subject : binding.subjects) {
        const std::string key = subjectKey(subject);
        if (key.empty())
            continue;
        const bool same = key.front() == 'u' ? key.compare(1, std::string::npos, user.name) == 0
                                             : std::find(user.groups.begin(), user.groups.end(),
                                                         subject.name) != user.groups.end();
        if (same)
            return subject.kind + " " +
                   quoted(subject.kind == "ServiceAccount" ? subject.name + "/" + subject.namespace_
                                                           : subject.name);
    }
    return "";
}

std::string reasonOf(const RbacBinding& binding, const UserInfo& user) {
    const std::string& namespace_ = binding.metadata.namespace_;
    const std::string& name = binding.metadata.name;
    return "RBAC: allowed by " +
           (namespace_.empty() ? "ClusterRoleBinding " + quoted(name)
                               : "RoleBinding " + quoted(name + "/" + namespace_)) +
           " of " + binding.roleKind + " " + quoted(binding.roleName) + " to " +
           subjectText(binding, user);
}

bool isMaster(const UserInfo& user) {
    return std::find(user.groups.begin(), user.groups.end(), "system:masters") != user.groups.end();
}

template <typename T>
client::Informer<T>& rbacInformer(client::InformerFactory& informers, const char* resource) {
    return informers.informer<T>(std::string(kGroup), "v1", resource);
}

} // namespace

RbacAuthorizer::RbacAuthorizer(client::InformerFactory& informers)
    : roles_(rbacInformer<RbacRole>(informers, "roles")),
      clusterRoles_(rbacInformer<RbacRole>(informers, "clusterroles")),
      roleBindings_(rbacInformer<RbacBinding>(informers, "rolebindings")),
      clusterRoleBindings_(rbacInformer<RbacBinding>(informers, "clusterrolebindings")) {
    roleBindings_.addIndex(std::string(kSubjectIndex), subjectKeys);
    clusterRoleBindings_.addIndex(std::string(kSubjectIndex), subjectKeys);
    watch(roles_);
    watch(clusterRoles_);
    watch(roleBindings_);
    watch(clusterRoleBindings_);
}

template <typename T> void RbacAuthorizer::watch(Informer<T>& informer) {
    client::Handler<T> handler;
    handler.onAdd = [this](const client::Cached<T>&) { remembered_.clear(); };
    handler.onUpdate = [this](const client::Cached<T>&, const client::Cached<T>&) {
        remembered_.clear();
    };
    handler.onDelete = handler.onAdd;
    informer.addHandler(std::move(handler));
}

bool RbacAuthorizer::synced() const {
    return roles_.synced() && clusterRoles_.synced() && roleBindings_.synced() &&
           clusterRoleBindings_.synced();
}

void RbacAuthorizer::whenSynced(std::function<void()> then) {
    roles_.whenSynced([this, then = std::move(then)]() mutable {
        clusterRoles_.whenSynced([this, then = std::move(then)]() mutable {
            roleBindings_.whenSynced([this, then = std::move(then)]() mutable {
                clusterRoleBindings_.whenSynced(std::move(then));
            });
        });
    });
}

const client::Cached<RbacRole>* RbacAuthorizer::roleOf(const RbacBinding& binding) {
    if (binding.roleKind == "ClusterRole")
        return clusterRoles_.get(binding.roleName);
    return roles_.get(binding.metadata.namespace_ + "/" + binding.roleName);
}

void RbacAuthorizer::addGrants(const UserInfo& user, Informer<RbacBinding>& bindings,
                               const std::string& namespace_, Grants& out) {
    std::set<std::string> keys;
    const auto addKeys = [&](const std::string& subject) {
        const std::set<std::string>& found =
            bindings.byIndex(std::string(kSubjectIndex), namespace_ + "\n" + subject);
        keys.insert(found.begin(), found.end());
    };
    addKeys("u" + user.name);
    for (const std::string& group : user.groups)
        addKeys("g" + group);
    for (const std::string& key : keys) {
        const RbacBinding& binding = *bindings.get(key)->view;
        if (const client::Cached<RbacRole>* role = roleOf(binding)) {
            out.grants.push_back({role->view, reasonOf(binding, user)});
            continue;
        }
        out.errors += out.errors.empty() ? "" : ", ";
        out.errors += (binding.roleKind == "ClusterRole" ? "clusterrole" : "role") +
                      ("." + std::string(kGroup)) + " " + quoted(binding.roleName) + " not found";
    }
}

const RbacAuthorizer::Grants& RbacAuthorizer::grantsOf(const UserInfo& user,
                                                       const std::string& namespace_) {
    std::string key = namespace_ + "\n" + user.name;
    for (const std::string& group : user.groups)
        key += "\n" + group;
    const auto at = remembered_.find(key);
    if (at != remembered_.end())
        return at->second;
    if (remembered_.size() >= kRememberedMax)
        remembered_.clear();
    Grants grants;
    addGrants(user, clusterRoleBindings_, "", grants);
    if (!namespace_.empty())
        addGrants(user, roleBindings_, namespace_, grants);
    return remembered_.emplace(std::move(key), std::move(grants)).first->second;
}

Decision RbacAuthorizer::authorize(const Attributes& attributes) {
    if (isMaster(attributes.user))
        return {true, ""};
    const Grants& grants = grantsOf(attributes.user, attributes.namespace_);
    for (const Grant& grant : grants.grants)
        for (const PolicyRule& rule : grant.role->rules)
            if (allows(rule, attributes))
                return {true, grant.reason};
    if (grants.errors.empty())
        return {false, ""};
    const bool several = grants.errors.find(", ") != std::string::npos;
    return {false, "RBAC: " + (several ? "[" + grants.errors + "]" : grants.errors)};
}

std::vector<PolicyRule> RbacAuthorizer::rulesFor(const UserInfo& user,
                                                 const std::string& namespace_) {
    std::vector<PolicyRule> rules;
    for (const Grant& grant : grantsOf(user, namespace_).grants)
        rules.insert(rules.end(), grant.role->rules.begin(), grant.role->rules.end());
    return rules;
}

} // namespace orrery::auth
