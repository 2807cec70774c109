#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> autoscalingKinds() {
    return {};
}

} // namespace orrery::api
