#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> apiextensionsKinds() {
    return {
        {.kind = "CustomResourceDefinition",
         .generation = true,
         .strategy = {.prepareForCreate = createCustomResourceDefinition,
                      .defaultObject = defaultCustomResourceDefinition}},
    };
}

} // namespace orrery::api
