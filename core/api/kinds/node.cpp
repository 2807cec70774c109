#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> nodeKinds() {
    return {{.kind = "RuntimeClass", .strategy = {.warnings = warnRuntimeClass}}};
}

} // namespace orrery::api
