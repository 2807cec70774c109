#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> coreKinds() {
    return {
        {.kind = "Pod", .generation = true, .graceful = true,
         .selectableFields = {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
                              "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
                              "status.podIP", "status.podIPs", "status.nominatedNodeName"}},
        {.kind = "Node",
         .selectableFields = {"spec.unschedulable"}},
        {.kind = "Namespace",
         .selectableFields = {"status.phase"}},
        {.kind = "Secret",
         .selectableFields = {"type"}},
        {.kind = "Service",
         .selectableFields = {"spec.clusterIP", "spec.type"}},
        {.kind = "ReplicationController", .generation = true,
         .selectableFields = {"status.replicas"}},
        {.kind = "PodTemplate", .generation = true},
        {.kind = "Event",
         .selectableFields = {"involvedObject.kind", "involvedObject.namespace",
                              "involvedObject.name", "involvedObject.uid",
                              "involvedObject.apiVersion", "involvedObject.resourceVersion",
                              "involvedObject.fieldPath", "reason", "reportingComponent",
                              "source", "type"}},
    };
}

} // namespace orrery::api
