#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> discoveryKinds() {
    return {
        {.kind = "EndpointSlice",
         .generation = true,
         .strategy = {.defaultObject = defaultEndpointSlice}},
    };
}

} // namespace orrery::api
