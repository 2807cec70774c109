#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> storageKinds() {
    return {};
}

} // namespace orrery::api
