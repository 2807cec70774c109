// The admission chain: every plugin is a Def; the chain runs all mutating parts in order, then all
// validating ones.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::admission {

enum class Operation : std::uint8_t { Create, Update, Delete, Connect };

struct Request {
    Operation operation;
    const api::KindDef* kind = nullptr;
    std::string namespace_, name, subresource;
    Json* object = nullptr;    // Create, Update: may be changed by mutate; null for deletes
    const Json* old = nullptr; // Update, Delete
    const client::UserInfo* user = nullptr;
    bool dryRun = false;
    std::vector<std::string>* warnings = nullptr; // plugins add sentences for Warning headers
};

// What plugins may look at: the newest state of other objects, straight from the store.
class Lookup {
  public:
    virtual ~Lookup() = default;
    // null when it does not exist. The resource is in its storage version.
    virtual EncodedPtr get(const api::GroupResource& resource, const std::string& namespace_,
                           const std::string& name) const = 0;
    virtual std::vector<EncodedPtr> list(const api::GroupResource& resource,
                                         const std::string& namespace_) const = 0;
};

struct Context {
    const Lookup& lookup;
    Time now;
    Random& random;
};

struct PluginDef {
    std::string name; // "NamespaceLifecycle"
    std::vector<Operation> operations;
    std::vector<api::GroupResource> resources; // empty: every resource
    std::vector<std::string> subresources;     // "" is the object itself; empty vector: only it
    std::function<Result<void>(Request&, const Context&)> mutate;         // may be empty
    std::function<Result<void>(const Request&, const Context&)> validate; // may be empty
};

// In Kubernetes' order (all_admission.cpp).
const std::vector<PluginDef>& allPlugins();

// Runs every plugin that applies. The first error ends it.
Result<void> admit(Request& request, const Context& context);

} // namespace orrery::admission
