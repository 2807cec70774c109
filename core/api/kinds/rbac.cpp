#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> rbacKinds() {
    return {};
}

} // namespace orrery::api
