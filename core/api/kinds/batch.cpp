#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> batchKinds() {
    return {
        {.kind = "CronJob",
         .generation = true,
         .strategy = {.defaultObject = defaultCronJob, .warnings = cronJobWarnings}},
        {.kind = "Job",
         .generation = true,
         .selectableFields = {"status.successful"},
         .strategy = {.prepareForCreate = createJob,
                      .defaultObject = defaultJob,
                      .warnings = jobWarnings}},
    };
}

} // namespace orrery::api
