#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/strategies.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> storageKinds() {
    return {
        {.kind = "StorageClass",
         .strategy = {.defaultObject = defaultStorageClass, .warnings = warnStorageClass}},
        {.kind = "CSIDriver",
         .strategy = {.prepareForCreate = createCsiDriver,
                      .prepareForUpdate = updateCsiDriver,
                      .defaultObject = defaultCsiDriver,
                      .warnings = warnCsiDriver}},
        {.kind = "CSIStorageCapacity", .strategy = {.warnings = warnCsiStorageCapacity}},
    };
}

} // namespace orrery::api
