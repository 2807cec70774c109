// The defaulting functions of the built-in kinds: what Kubernetes fills in and no schema says. Each
// gets a whole object that has been through normalise(). Idempotent.
#pragma once
#include <optional>
#include <string_view>

#include "core/base/json.h"
#include "core/base/quantity.h"

namespace orrery::api {

// --- pods and what has a pod template ---
void defaultPodSpec(JsonObject& spec);
void defaultPod(Json& object);
void defaultPodTemplate(Json& object);
void defaultReplicationController(Json& object);
void defaultDeployment(Json& object);
void defaultReplicaSet(Json& object);
void defaultDaemonSet(Json& object);
void defaultStatefulSet(Json& object);
void defaultJob(Json& object);
void defaultCronJob(Json& object);
// Pod.status.qosClass of a defaulted pod.
std::string_view qosClassOf(const Json& pod);
// What the containers of a pod's spec ask for together; nothing when none of them does.
std::optional<Quantity> containerRequests(const Json& spec, std::string_view resource);
// A pod's own requests follow its containers' and its own limits.
void defaultPodRequests(JsonObject& spec);
// status.podIP is the first of status.podIPs.
void defaultPodIps(Json& pod);
// serviceAccount is the old name of serviceAccountName: each follows the other.
void mirrorServiceAccount(JsonObject& podSpec);

// --- core ---
void defaultService(Json& object);
void defaultEndpoints(Json& object);
void defaultNamespace(Json& object);
void defaultNode(Json& object);
void defaultSecret(Json& object);
void defaultLimitRange(Json& object);
void defaultPersistentVolume(Json& object);
void defaultPersistentVolumeClaim(Json& object);
void defaultClaimSpec(JsonObject& spec);

// --- other groups ---
void defaultAutoscalerV1(Json& object);
void defaultAutoscalerV2(Json& object);
void defaultIngressClass(Json& object);
void defaultNetworkPolicy(Json& object);
void defaultEndpointSlice(Json& object);
void defaultRoleBinding(Json& object);
void defaultStorageClass(Json& object);
void defaultCsiDriver(Json& object);
void defaultPriorityClass(Json& object);
void defaultValidatingWebhooks(Json& object);
void defaultMutatingWebhooks(Json& object);
void defaultAdmissionPolicy(Json& object);
void defaultAdmissionBinding(Json& object);
void defaultCustomResourceDefinition(Json& object);
void defaultFlowSchema(Json& object);
void defaultPriorityLevel(Json& object);
void defaultResourceClaim(Json& object);
void defaultResourceClaimTemplate(Json& object);
void defaultApiService(Json& object);
void defaultTokenRequest(Json& object);

} // namespace orrery::api
