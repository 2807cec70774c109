#include "core/api/kinds/kind_extra.h"
#include "core/api/validation/custom_schemas.h"

namespace orrery::api {

std::vector<KindExtra> apiextensionsKinds() {
    return {
        {.kind = "CustomResourceDefinition",
         .generation = true,
         .strategy = {.prepareForCreate = createCustomResourceDefinition,
                      .prepareForUpdate = updateCustomResourceDefinition,
                      .defaultObject = defaultCustomResourceDefinition,
                      .warnings = [](const Json& object,
                                     const Json*) { return unknownFormats(object); }}},
    };
}

} // namespace orrery::api
