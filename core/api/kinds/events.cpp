#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> eventsKinds() {
    return {
        {.kind = "Event",
         .selectableFields = {"reason", "regarding.kind", "regarding.namespace", "regarding.name",
                              "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion",
                              "regarding.fieldPath", "reportingController", "type"}},
    };
}

} // namespace orrery::api
