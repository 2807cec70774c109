#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> certificatesKinds() {
    return {
        {.kind = "CertificateSigningRequest",
         .selectableFields = {"spec.signerName"}},
    };
}

} // namespace orrery::api
