#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> schedulingKinds() {
    return {
        {.kind = "PriorityClass", .generation = true},
    };
}

} // namespace orrery::api
