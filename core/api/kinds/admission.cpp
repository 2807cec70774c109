#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> admissionKinds() {
    return {
        {.kind = "MutatingAdmissionPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionPolicy}},
        {.kind = "MutatingAdmissionPolicyBinding",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionBinding}},
        {.kind = "MutatingWebhookConfiguration",
         .generation = true,
         .strategy = {.defaultObject = defaultMutatingWebhooks}},
        {.kind = "ValidatingAdmissionPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionPolicy}},
        {.kind = "ValidatingAdmissionPolicyBinding",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionBinding}},
        {.kind = "ValidatingWebhookConfiguration",
         .generation = true,
         .strategy = {.defaultObject = defaultValidatingWebhooks}},
    };
}

} // namespace orrery::api
