#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> admissionKinds() {
    return {
        {.kind = "MutatingAdmissionPolicy", .generation = true},
        {.kind = "MutatingAdmissionPolicyBinding", .generation = true},
        {.kind = "MutatingWebhookConfiguration", .generation = true},
        {.kind = "ValidatingAdmissionPolicy", .generation = true},
        {.kind = "ValidatingAdmissionPolicyBinding", .generation = true},
        {.kind = "ValidatingWebhookConfiguration", .generation = true},
    };
}

} // namespace orrery::api
