#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> schedulingKinds() {
    return {
        {.kind = "PriorityClass",
         .generation = true,
         .strategy = {.defaultObject = defaultPriorityClass}},
    };
}

} // namespace orrery::api
