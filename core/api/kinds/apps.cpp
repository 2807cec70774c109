#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> appsKinds() {
    return {
        {.kind = "DaemonSet", .generation = true},
        {.kind = "Deployment", .generation = true},
        {.kind = "ReplicaSet", .generation = true,
         .selectableFields = {"status.replicas"}},
        {.kind = "StatefulSet", .generation = true},
    };
}

} // namespace orrery::api
