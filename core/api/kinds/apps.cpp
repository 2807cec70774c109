#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> appsKinds() {
    return {
        {.kind = "DaemonSet",
         .generation = true,
         .strategy = {.prepareForCreate = createDaemonSet,
                      .prepareForUpdate = updateDaemonSet,
                      .defaultObject = defaultDaemonSet}},
        {.kind = "Deployment",
         .generation = true,
         .annotationsCount = true,
         .strategy = {.defaultObject = defaultDeployment}},
        {.kind = "ReplicaSet",
         .generation = true,
         .selectableFields = {"status.replicas"},
         .strategy = {.defaultObject = defaultReplicaSet}},
        {.kind = "StatefulSet",
         .generation = true,
         .strategy = {.defaultObject = defaultStatefulSet}},
    };
}

} // namespace orrery::api
