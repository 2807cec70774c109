// The definition of every controller, one for each file; all_controllers.cpp lists them.
#pragma once
#include <string>

#include "core/controllers/engine.h"
#include "core/controllers/object_graph.h"

namespace orrery::pki {
class ServiceAccountTokens;
}

namespace orrery::controllers {

// All references outlive the definition.
ControllerDef namespaceController(View& view, ObjectGraph& graph);
ControllerDef serviceAccountController(View& view);
ControllerDef tokenSecretsController(View& view, client::InformerFactory& factory, Env& env,
                                     const pki::ServiceAccountTokens& tokens,
                                     const std::string& caPem);
ControllerDef rootCaPublisher(View& view, const std::string& pem);
ControllerDef garbageCollector(ObjectGraph& graph);
ControllerDef customResourceDefinitionController(View& view, client::InformerFactory& factory,
                                                 ObjectGraph& graph,
                                                 const api::KindRegistry& kinds);
ControllerDef deploymentController(View& view);
ControllerDef replicaSetController(View& view);
ControllerDef replicationControllerController(View& view);
ControllerDef jobController(View& view);
ControllerDef endpointsController(View& view);
ControllerDef endpointSliceController(View& view);
ControllerDef endpointSliceMirroringController(View& view);
ControllerDef ttlAfterFinishedController(View& view);
ControllerDef nodeLifecycleController(View& view, const Clock& clock);
ControllerDef nodeIpamController(View& view, const std::string& clusterCidr);
ControllerDef nodeTtlController(View& view);
ControllerDef taintEvictionController(View& view);
ControllerDef podGarbageCollector(View& view);
ControllerDef persistentVolumeBinder(View& view);
ControllerDef claimProtectionController(View& view);
ControllerDef volumeProtectionController(View& view);
ControllerDef ephemeralVolumeController(View& view);

} // namespace orrery::controllers
