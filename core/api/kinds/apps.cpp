#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> appsKinds() {
    return {
        {.kind = "DaemonSet",
         .generation = true,
         .strategy = {.prepareForCreate = createDaemonSet,
                      .prepareForUpdate = updateDaemonSet,
                      .defaultObject = defaultDaemonSet,
                      .warnings = daemonSetWarnings}},
        {.kind = "Deployment",
         .generation = true,
         .annotationsCount = true,
         .strategy = {.defaultObject = defaultDeployment, .warnings = deploymentWarnings}},
        {.kind = "ReplicaSet",
         .generation = true,
         .selectableFields = {"status.replicas"},
         .strategy = {.defaultObject = defaultReplicaSet, .warnings = replicaSetWarnings}},
        {.kind = "StatefulSet",
         .generation = true,
         .strategy = {.defaultObject = defaultStatefulSet, .warnings = statefulSetWarnings}},
    };
}

} // namespace orrery::api
