#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> certificatesKinds() {
    return {
        {.kind = "CertificateSigningRequest",
         .selectableFields = {"spec.signerName"},
         .strategy = {.prepareForCreate = createCertificateSigningRequest,
                      .prepareForUpdate = updateCertificateSigningRequest,
                      .prepareForSubresource = updateCertificateSigningRequestPart}},
    };
}

} // namespace orrery::api
