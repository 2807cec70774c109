#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> networkingKinds() {
    return {
        {.kind = "Ingress", .generation = true},
        {.kind = "IngressClass",
         .generation = true,
         .strategy = {.defaultObject = defaultIngressClass}},
        {.kind = "NetworkPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultNetworkPolicy}},
    };
}

} // namespace orrery::api
