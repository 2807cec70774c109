#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/strategies.h"

namespace orrery::api {

std::vector<KindExtra> coordinationKinds() {
    return {{.kind = "Lease",
             .strategy = {.prepareForCreate = createLease, .prepareForUpdate = updateLease}}};
}

} // namespace orrery::api
