#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> apiregistrationKinds() {
    return {};
}

} // namespace orrery::api
