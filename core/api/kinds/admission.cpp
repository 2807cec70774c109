#include "core/api/kinds/kind_extra.h"
#include "core/api/kinds/warnings.h"

namespace orrery::api {

std::vector<KindExtra> admissionKinds() {
    return {
        {.kind = "MutatingAdmissionPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionPolicy, .warnings = warnAdmissionName}},
        {.kind = "MutatingAdmissionPolicyBinding",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionBinding, .warnings = warnAdmissionName}},
        {.kind = "MutatingWebhookConfiguration",
         .generation = true,
         .strategy = {.defaultObject = defaultMutatingWebhooks, .warnings = warnAdmissionName}},
        {.kind = "ValidatingAdmissionPolicy",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionPolicy, .warnings = warnAdmissionName}},
        {.kind = "ValidatingAdmissionPolicyBinding",
         .generation = true,
         .strategy = {.defaultObject = defaultAdmissionBinding, .warnings = warnAdmissionName}},
        {.kind = "ValidatingWebhookConfiguration",
         .generation = true,
         .strategy = {.defaultObject = defaultValidatingWebhooks, .warnings = warnAdmissionName}},
    };
}

} // namespace orrery::api
