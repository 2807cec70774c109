// The definition of every controller, one for each file; all_controllers.cpp lists them.
#pragma once
#include <string>

#include "core/controllers/engine.h"

namespace orrery::controllers {

ControllerDef replicaSetController(View& view);
ControllerDef replicationControllerController(View& view);
ControllerDef deploymentController(View& view);

} // namespace orrery::controllers
