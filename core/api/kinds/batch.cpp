#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> batchKinds() {
    return {
        {.kind = "CronJob", .generation = true},
        {.kind = "Job", .generation = true,
         .selectableFields = {"status.successful"}},
    };
}

} // namespace orrery::api
