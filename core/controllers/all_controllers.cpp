#include "core/controllers/all_controllers.h"

#include "core/controllers/controllers.h"
#include "core/controllers/object_graph.h"

namespace orrery::controllers {

struct ControllerSet::Parts {
    ObjectGraph graph;
};

ControllerSet::ControllerSet(Env& env, ClientFor clientFor, client::InformerFactory& informers,
                             const api::KindRegistry& kinds, LoopBoard& loops,
                             ControllerOptions options)
    : env_(env), clientFor_(std::move(clientFor)), loops_(loops),
      view_(std::make_unique<View>(informers)),
      parts_(new Parts{ObjectGraph(informers, kinds, *view_)}) {
    const auto add = [this](ControllerDef def) {
        client::Client& client = clientFor_(def.user);
        engines_.push_back(std::make_unique<Engine>(env_, std::move(def), client, *view_, loops_));
    };
    add(namespaceController(*view_, parts_->graph));
    add(serviceAccountController(*view_));
    if (options.tokens)
        add(tokenSecretsController(*view_, informers, env_, *options.tokens, options.rootCaPem));
    add(rootCaPublisher(*view_, options.rootCaPem));
    add(deploymentController(*view_));
    add(replicaSetController(*view_));
    add(replicationControllerController(*view_));
    add(jobController(*view_));
    add(endpointsController(*view_));
    add(endpointSliceController(*view_));
    add(endpointSliceMirroringController(*view_));
    add(ttlAfterFinishedController(*view_));
    add(nodeLifecycleController(*view_, env_.clock));
    add(nodeIpamController(*view_, options.clusterCidr));
    add(nodeTtlController(*view_));
    add(taintEvictionController(*view_));
    add(persistentVolumeBinder(*view_));
    add(claimProtectionController(*view_));
    add(volumeProtectionController(*view_));
    add(ephemeralVolumeController(*view_));
    add(podGarbageCollector(*view_));
    add(garbageCollector(parts_->graph));
    add(customResourceDefinitionController(*view_, informers, parts_->graph, kinds));
}

ControllerSet::~ControllerSet() = default;

void ControllerSet::start() {
    for (const std::unique_ptr<Engine>& engine : engines_)
        engine->start();
    view_->whenSynced([graph = &parts_->graph] { graph->start(); });
}

} // namespace orrery::controllers
