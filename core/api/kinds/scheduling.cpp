#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/strategies.h"

namespace orrery::api {

std::vector<KindExtra> schedulingKinds() {
    return {
        {.kind = "PriorityClass",
         .generation = true,
         .strategy = {.prepareForUpdate = keepGeneration, .defaultObject = defaultPriorityClass}},
    };
}

} // namespace orrery::api
