#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> networkingKinds() {
    return {
        {.kind = "Ingress", .generation = true, .strategy = {.warnings = warnIngress}},
        {.kind = "IngressClass",
         .generation = true,
         .strategy = {.defaultObject = defaultIngressClass}},
        {.kind = "NetworkPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultNetworkPolicy, .warnings = warnNetworkPolicy}},
    };
}

} // namespace orrery::api
