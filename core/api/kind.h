// A kind as data: an entry that reads like a CustomResourceDefinition's spec.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

enum class Scope : std::uint8_t { Cluster, Namespaced };

struct GroupVersionKind {
    std::string group; // "" is the core group
    std::string version;
    std::string kind;
    // "v1", "apps/v1"
    std::string apiVersion() const { return group.empty() ? version : group + "/" + version; }
    friend auto operator<=>(const GroupVersionKind&, const GroupVersionKind&) = default;
};

struct GroupResource {
    std::string group;
    std::string resource; // plural: "pods"
    friend auto operator<=>(const GroupResource&, const GroupResource&) = default;
    // "deployments.apps"; "pods" for the core group
    std::string text() const { return group.empty() ? resource : resource + "." + group; }
};

// One column of the server's tables (metav1.TableColumnDefinition) and where its cell comes from.
struct Column {
    std::string name;
    std::string type = "string"; // string, integer, number, boolean, date
    std::string format;          // "name" for the first
    int priority = 0;            // above 0: only with -o wide
    std::string jsonPath;        // ".spec.replicas"; "" when `cell` computes it
    std::function<Json(const Json& object, std::int64_t nowSeconds)> cell;
    std::string description = {};
};

struct KindDef;
struct CustomSchema; // custom/custom_schema.h

// What a schema can't say. Every member may be empty. All are pure.
struct Strategy {
    // Before a creation is validated: clears status, sets what only the server sets (Pod:
    // status.phase Pending).
    std::function<void(Json& object)> prepareForCreate = {};
    // Before an update: keeps status (or, for the status subresource, keeps everything else), bumps
    // generation.
    std::function<void(Json& object, const Json& old)> prepareForUpdate = {};
    // Before a write through a subresource that is neither status nor scale: keeps what it may not
    // change.
    std::function<void(std::string_view subresource, Json& object, const Json& old)>
        prepareForSubresource = {};
    // Kubernetes' causes, in Kubernetes' order. `old` is null on creation.
    std::function<std::vector<StatusCause>(const Json& object, const Json* old)> validate = {};
    // Defaults that no schema default can express (a Deployment's selector-free defaults, a Pod's
    // QoS, ...).
    std::function<void(Json& object)> defaultObject = {};
    std::function<std::vector<std::string>(const Json& object, const Json* old)> warnings = {};
};

// One subresource as discovery shows it. group and version are empty when they are the parent's.
struct Subresource {
    std::string name; // "status"
    std::string group, version, kind;
    std::vector<std::string> verbs;
};

struct KindDef {
    std::string group, version, kind, listKind;
    std::string plural, singular;
    std::vector<std::string> shortNames, categories;
    Scope scope = Scope::Namespaced;
    std::string schema; // name of the type in the schema facts: "io.k8s.api.apps.v1.Deployment"
    std::vector<std::string>
        verbs; // discovery's, sorted: create delete deletecollection get list patch update watch
    bool statusSubresource = false;
    bool scaleSubresource = false;
    bool graceful = false;   // deletion has a grace period (pods)
    bool generation = false; // metadata.generation counts spec changes
    std::string
        storageVersion; // the version that is stored; convertVersion (defaults.h) makes the others
    std::string
        storageGroup; // the group that is stored: its own, except events.k8s.io's Event (core)
    std::vector<std::string>
        selectableFields; // beyond metadata.name and metadata.namespace: "spec.nodeName"
    std::vector<Column> columns;
    std::vector<Subresource> subresources; // sorted by name
    // --- of a CustomResourceDefinition only
    bool custom = false;
    std::shared_ptr<const Json>
        openApiSchema; // the version's openAPIV3Schema, for OpenAPI documents
    std::shared_ptr<const CustomSchema> customSchema; // the same, compiled
    std::string specReplicasPath, statusReplicasPath,
        labelSelectorPath;          // of its scale: "spec.size"
    std::string deprecationWarning; // said with every answer; "" for none
    // All versions of the kind, served or not, in the definition's order; the one that is stored.
    std::vector<const KindDef*> versions;
    const KindDef* stored = nullptr;
    // What was stored later than this revision has the form that today's definition gives it.
    std::int64_t storedFormSince = 0;
    // Who holds this keeps the kind alive, even when it is no longer in the registry.
    std::weak_ptr<const void> family;
    // ---
    bool keepsStatusOnCreate = false; // a creation may bring its status (Node)
    bool annotationsCount = false; // changed annotations bump metadata.generation too (Deployment)
    Strategy strategy;

    GroupVersionKind gvk() const { return {group, version, kind}; }
    GroupResource groupResource() const { return {group, plural}; }
    std::string apiVersion() const { return group.empty() ? version : group + "/" + version; }
    // "/registry/pods/"; groups other than core and the old ones: "/registry/<plural>/" too, CRDs
    // "/registry/<group>/<plural>/".
    std::string keyPrefix() const;
    // keyPrefix + namespace + "/" + name, or keyPrefix + name.
    std::string key(std::string_view namespace_, std::string_view name) const;
};

// Whether a version comes before another in Kubernetes' order: v2, v1, v1beta1, v1alpha1, others.
bool versionBefore(std::string_view a, std::string_view b);

// All versions of one custom kind; they come and go together.
using KindFamily = std::deque<KindDef>;

// All kinds that the server knows, built-in and custom. Plane thread.
class KindRegistry {
  public:
    KindRegistry(); // with every built-in kind of v1.36 (all_kinds.cpp)
    const KindDef* byResource(std::string_view group, std::string_view version,
                              std::string_view plural) const;
    const KindDef* byKind(std::string_view group, std::string_view version,
                          std::string_view kind) const;
    // "apps/v1" + "Deployment".
    const KindDef* byApiVersion(std::string_view apiVersion, std::string_view kind) const;
    // A kind in its preferred version by what a person writes: plural, singular, short name,
    // "deployments.apps".
    const KindDef* byUserName(std::string_view name) const;
    // A kind that is only ever a body (Scale, Eviction, Binding, TokenRequest, DeleteOptions, ...),
    // or any other: by kind, served or not. Its plural may be empty.
    const KindDef* bodyKind(std::string_view apiVersion, std::string_view kind) const;
    // In discovery's order (group order of Kubernetes, then version, then name).
    const std::vector<const KindDef*>& all() const { return ordered_; }
    // Puts the `served` kinds of a family in the place of the family of that name, if there is one
    // ("widgets.example.com"); null: they go. Pointers to the former ones stay valid for those who
    // hold their family.
    void setFamily(const std::string& name, std::shared_ptr<const KindFamily> family,
                   std::vector<const KindDef*> served);
    // Runs at every tellChanged(), until its owner is gone.
    void onChange(std::weak_ptr<void> owner, std::function<void()> listener) const;
    void tellChanged() const;

  private:
    struct Listener {
        std::weak_ptr<void> owner;
        std::function<void()> tell;
    };
    struct Family {
        std::shared_ptr<const KindFamily> kinds;
        std::vector<GroupVersionKind> served;
    };
    void reorder();
    // Built-in kinds are owned here, custom ones by their families.
    std::map<GroupVersionKind, std::shared_ptr<const KindDef>> kinds_;
    std::map<std::string, Family> families_;
    mutable std::vector<Listener> listeners_;
    std::map<GroupVersionKind, std::unique_ptr<KindDef>> bodies_;
    std::vector<const KindDef*> ordered_;
    std::unordered_map<std::string, int>
        groupRank_; // of the built-in groups, in discovery's order; looked up only
    std::unordered_map<std::string, const KindDef*>
        byResource_; // "group/version/plural"; looked up only
};

} // namespace orrery::api
