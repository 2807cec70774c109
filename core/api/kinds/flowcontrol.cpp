#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> flowcontrolKinds() {
    return {
        {.kind = "FlowSchema",
         .generation = true,
         .strategy = {.defaultObject = defaultFlowSchema}},
        {.kind = "PriorityLevelConfiguration",
         .generation = true,
         .strategy = {.defaultObject = defaultPriorityLevel}},
    };
}

} // namespace orrery::api
