#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> apiregistrationKinds() {
    return {
        {.kind = "APIService", .strategy = {.defaultObject = defaultApiService}},
    };
}

} // namespace orrery::api
