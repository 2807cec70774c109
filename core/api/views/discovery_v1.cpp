#include "core/api/views/discovery_v1.h"

namespace orrery::api {

namespace {
void metaOf(const Json& object, ObjectMeta& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out);
}
} // namespace

void decode(const Json& object, EndpointSlice& out) {
    metaOf(object, out.metadata);
    out.addressType = stringAt(object, "addressType");
    out.endpoints = arrayAt(object, "endpoints");
    out.ports = arrayAt(object, "ports");
}

void decode(const Json& object, Endpoints& out) {
    metaOf(object, out.metadata);
    out.subsets = arrayAt(object, "subsets");
}

void decode(const Json& object, MetadataOnly& out) {
    metaOf(object, out.metadata);
    out.apiVersion = stringAt(object, "apiVersion");
    out.kind = stringAt(object, "kind");
}

void decode(const Json& object, ConfigMap& out) {
    metaOf(object, out.metadata);
    for (const auto& [key, value] : objectAt(object, "data"))
        out.data.emplace(std::string(key), std::string(asString(value)));
}

void decode(const Json& object, Secret& out) {
    metaOf(object, out.metadata);
    out.type = stringAt(object, "type");
    for (const auto& member : objectAt(object, "data"))
        out.fields.emplace(member.key());
}

} // namespace orrery::api
