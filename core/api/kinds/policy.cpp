#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> policyKinds() {
    return {
        {.kind = "PodDisruptionBudget", .generation = true},
    };
}

} // namespace orrery::api
