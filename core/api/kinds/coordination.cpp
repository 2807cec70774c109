#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> coordinationKinds() {
    return {};
}

} // namespace orrery::api
