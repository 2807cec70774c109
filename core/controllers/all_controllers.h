// All controllers of the process: the explicit list, and the object that runs them.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/controllers/engine.h"
#include "core/runtime/env.h"
#include "core/runtime/loop.h"

namespace orrery::pki {
class ServiceAccountTokens;
}

namespace orrery::controllers {

struct ControllerOptions {
    std::string rootCaPem; // of the cluster's CA: ConfigMap kube-root-ca.crt
    std::string clusterCidr =
        "10.244.0.0/16"; // split into a /24 for each node, in the order of their coming
    const pki::ServiceAccountTokens* tokens = nullptr; // signs token Secrets; null: they stay empty
};

// A client whose user is system:serviceaccount:kube-system:<name>, with groups
// system:serviceaccounts, system:serviceaccounts:kube-system and system:authenticated; a name that
// begins with "system:" is a user's own. It outlives the controllers.
using ClientFor = std::function<client::Client&(const std::string& name)>;

// Every controller. Plane thread.
class ControllerSet {
  public:
    // All references outlive it. `informers` may be shared with others; call informers.start()
    // after start().
    ControllerSet(Env& env, ClientFor clientFor, client::InformerFactory& informers,
                  const api::KindRegistry& kinds, LoopBoard& loops, ControllerOptions options);
    ~ControllerSet();
    // Registers everything; work begins when the informers have their first lists.
    void start();
    View& view() { return *view_; }

  private:
    struct Parts; // what some controllers keep between runs
    Env& env_;
    ClientFor clientFor_;
    LoopBoard& loops_;
    std::unique_ptr<View> view_;
    std::unique_ptr<Parts> parts_;
    std::vector<std::unique_ptr<Engine>> engines_;
};

} // namespace orrery::controllers
