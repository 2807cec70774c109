#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/strategies.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> discoveryKinds() {
    return {
        {.kind = "EndpointSlice",
         .generation = true,
         .strategy = {.prepareForUpdate = updateEndpointSlice,
                      .defaultObject = defaultEndpointSlice,
                      .warnings = warnEndpointSlice}},
    };
}

} // namespace orrery::api
