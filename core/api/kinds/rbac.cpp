#include "core/api/kinds/kind_extra.h"

namespace orrery::api {

std::vector<KindExtra> rbacKinds() {
    return {
        {.kind = "RoleBinding", .strategy = {.defaultObject = defaultRoleBinding}},
        {.kind = "ClusterRoleBinding", .strategy = {.defaultObject = defaultRoleBinding}},
    };
}

} // namespace orrery::api
