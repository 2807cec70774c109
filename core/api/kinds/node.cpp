#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> nodeKinds() {
    return {};
}

} // namespace orrery::api
