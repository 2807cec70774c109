// Every admission plugin, and what they share. all_admission.cpp puts them in order.
#pragma once
#include <string>
#include <string_view>

#include "core/admission/admission.h"

namespace orrery::admission {

PluginDef namespaceLifecycle();
PluginDef limitRanger();
PluginDef serviceAccount();
PluginDef nodeRestriction();
PluginDef taintNodesByCondition();
PluginDef priority();
PluginDef defaultTolerationSeconds();
PluginDef defaultStorageClass();
PluginDef storageObjectInUseProtection();
PluginDef runtimeClass();
PluginDef defaultIngressClass();

// `RESOURCE.GROUP "NAME" is forbidden: WHY`, with details. An object that has no name yet goes by
// its generateName.
Error forbidden(const Request& request, std::string why);
// Is the pod a mirror of a kubelet's static pod?
bool isMirrorPod(const Json& pod);
// The member as an array, made when it is missing or null.
JsonArray& ensureArray(Json& object, std::string_view path);
// The newest of the classes with one of these annotations "true", then the first by name; "" when
// there is none.
std::string defaultClass(const Context& context, const api::GroupResource& resource,
                         const std::vector<std::string_view>& annotations);

} // namespace orrery::admission
