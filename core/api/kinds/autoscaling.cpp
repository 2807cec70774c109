#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> autoscalingKinds() {
    return {
        {.kind = "HorizontalPodAutoscaler",
         .version = "v1",
         .strategy = {.defaultObject = defaultAutoscalerV1}},
        {.kind = "HorizontalPodAutoscaler",
         .version = "v2",
         .strategy = {.defaultObject = defaultAutoscalerV2}},
    };
}

} // namespace orrery::api
