#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> resourceKinds() {
    return {
        {.kind = "DeviceClass", .generation = true},
        {.kind = "ResourceSlice",
         .generation = true,
         .selectableFields = {"spec.nodeName", "spec.driver"}},
        {.kind = "ResourceClaim", .strategy = {.defaultObject = defaultResourceClaim}},
        {.kind = "ResourceClaimTemplate",
         .strategy = {.defaultObject = defaultResourceClaimTemplate}},
    };
}

} // namespace orrery::api
