#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> storageKinds() {
    return {
        {.kind = "StorageClass", .strategy = {.defaultObject = defaultStorageClass}},
        {.kind = "CSIDriver", .strategy = {.defaultObject = defaultCsiDriver}},
    };
}

} // namespace orrery::api
