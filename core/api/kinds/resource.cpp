#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> resourceKinds() {
    return {
        {.kind = "DeviceClass", .generation = true},
        {.kind = "ResourceSlice",
         .generation = true,
         .selectableFields = {"spec.nodeName", "spec.driver"},
         .strategy = {.warnings = warnResourceSlice}},
        {.kind = "ResourceClaim", .strategy = {.defaultObject = defaultResourceClaim}},
        {.kind = "ResourceClaimTemplate",
         .strategy = {.defaultObject = defaultResourceClaimTemplate}},
    };
}

} // namespace orrery::api
