#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> coreKinds() {
    return {
        {.kind = "Pod", .generation = true, .graceful = true,
         .selectableFields = {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
                              "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
                              "status.podIP", "status.podIPs", "status.nominatedNodeName"},
         .strategy = {.prepareForCreate = createPod, .prepareForUpdate = updatePod,
                      .prepareForSubresource = updatePodPart, .defaultObject = defaultPod}},
        {.kind = "Node", .keepsStatusOnCreate = true,
         .selectableFields = {"spec.unschedulable"},
         .strategy = {.defaultObject = defaultNode}},
        {.kind = "Namespace",
         .selectableFields = {"status.phase"},
         .strategy = {.prepareForCreate = createNamespace, .prepareForUpdate = updateNamespace,
                      .prepareForSubresource = updateNamespacePart,
                      .defaultObject = defaultNamespace}},
        {.kind = "Secret",
         .selectableFields = {"type"},
         .strategy = {.defaultObject = defaultSecret}},
        {.kind = "Service",
         .selectableFields = {"spec.clusterIP", "spec.type"},
         .strategy = {.defaultObject = defaultService}},
        {.kind = "ReplicationController", .generation = true,
         .selectableFields = {"status.replicas"},
         .strategy = {.defaultObject = defaultReplicationController}},
        {.kind = "PodTemplate", .generation = true,
         .strategy = {.defaultObject = defaultPodTemplate}},
        {.kind = "Event",
         .selectableFields = {"involvedObject.kind", "involvedObject.namespace",
                              "involvedObject.name", "involvedObject.uid",
                              "involvedObject.apiVersion", "involvedObject.resourceVersion",
                              "involvedObject.fieldPath", "reason", "reportingComponent",
                              "source", "type"}},
        {.kind = "Endpoints",
         .strategy = {.defaultObject = defaultEndpoints}},
        {.kind = "LimitRange",
         .strategy = {.defaultObject = defaultLimitRange}},
        {.kind = "PersistentVolume",
         .strategy = {.prepareForCreate = createPersistentVolume,
                      .defaultObject = defaultPersistentVolume}},
        {.kind = "PersistentVolumeClaim",
         .strategy = {.prepareForCreate = createPersistentVolumeClaim,
                      .prepareForUpdate = updatePersistentVolumeClaim,
                      .defaultObject = defaultPersistentVolumeClaim}},
    };
}

} // namespace orrery::api
