#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> flowcontrolKinds() {
    return {
        {.kind = "FlowSchema", .generation = true},
        {.kind = "PriorityLevelConfiguration", .generation = true},
    };
}

} // namespace orrery::api
