// What the server does around a write of particular kinds, beyond the generic steps of defaults.h.
#pragma once
#include <initializer_list>
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

// --- before a creation ---
void createPod(Json& object);
void createNamespace(Json& object);
void createJob(Json& object);
void createDaemonSet(Json& object);
void createPersistentVolume(Json& object);
void createPersistentVolumeClaim(Json& object);
void createCustomResourceDefinition(Json& object);
void updateCustomResourceDefinition(Json& object, const Json& old);
void createCertificateSigningRequest(Json& object);
void createNode(Json& object);
void createLease(Json& object);
void createCsiDriver(Json& object);

// --- before an update; `old` is what is stored ---
void updatePod(Json& object, const Json& old);
void updateNamespace(Json& object, const Json& old);
void updateDaemonSet(Json& object, const Json& old);
void updatePersistentVolumeClaim(Json& object, const Json& old);
void updateCertificateSigningRequest(Json& object, const Json& old);
void updateNode(Json& object, const Json& old);
void updateLease(Json& object, const Json& old);
void updateCsiDriver(Json& object, const Json& old);
// Labels count as contents.
void updateEndpointSlice(Json& object, const Json& old);
// The generation never grows.
void keepGeneration(Json& object, const Json& old);

// --- before a write through a subresource other than status: everything that it may not change is
// old's ---
void updatePodPart(std::string_view subresource, Json& object, const Json& old);
void updateNamespacePart(std::string_view subresource, Json& object, const Json& old);
// `old` with a few parts of `object`, beside managedFields and resourceVersion.
Json copyWithParts(const Json& object, const Json& old,
                   std::initializer_list<std::string_view> paths);
void updateCertificateSigningRequestPart(std::string_view subresource, Json& object,
                                         const Json& old);

} // namespace orrery::api
