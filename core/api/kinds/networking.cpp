#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> networkingKinds() {
    return {
        {.kind = "Ingress", .generation = true},
        {.kind = "IngressClass", .generation = true},
        {.kind = "NetworkPolicy", .generation = true},
    };
}

} // namespace orrery::api
