// What the facts can't say about a built-in kind. One file for each group of kinds.
#pragma once
#include <string_view>
#include <vector>

#include "core/api/defaults/kind_defaults.h"
#include "core/api/kind.h"
#include "core/api/kinds/strategies.h"
#include "core/api/warnings/warnings.h"

namespace orrery::api {

struct KindExtra {
    std::string_view kind; // in every version of its group, or in `version` only
    std::string_view version = {};
    bool generation = false;
    bool graceful = false;
    bool keepsStatusOnCreate = false;
    bool annotationsCount = false;
    std::vector<std::string> selectableFields = {};
    Strategy strategy = {};
};

std::vector<KindExtra> coreKinds();
std::vector<KindExtra> eventsKinds();
std::vector<KindExtra> appsKinds();
std::vector<KindExtra> batchKinds();
std::vector<KindExtra> autoscalingKinds();
std::vector<KindExtra> networkingKinds();
std::vector<KindExtra> discoveryKinds();
std::vector<KindExtra> policyKinds();
std::vector<KindExtra> rbacKinds();
std::vector<KindExtra> storageKinds();
std::vector<KindExtra> admissionKinds();
std::vector<KindExtra> apiextensionsKinds();
std::vector<KindExtra> apiregistrationKinds();
std::vector<KindExtra> schedulingKinds();
std::vector<KindExtra> coordinationKinds();
std::vector<KindExtra> nodeKinds();
std::vector<KindExtra> resourceKinds();
std::vector<KindExtra> flowcontrolKinds();
std::vector<KindExtra> certificatesKinds();

} // namespace orrery::api
