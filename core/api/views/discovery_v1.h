// Views of discovery.k8s.io/v1 EndpointSlice and of its elder, core's Endpoints.
#pragma once
#include <set>

#include "core/api/views/meta.h"

namespace orrery::api {

struct EndpointSlice {
    ObjectMeta metadata;
    std::string addressType;
    JsonArray endpoints, ports; // as written
};

struct Endpoints {
    ObjectMeta metadata;
    JsonArray subsets; // as written
};

// Any object of any kind, as far as its metadata goes: the garbage collector's view.
struct MetadataOnly {
    ObjectMeta metadata;
    std::string apiVersion, kind;
};

struct ConfigMap {
    ObjectMeta metadata;
    StringMap data;
};

struct Secret {
    ObjectMeta metadata;
    std::string type;
    std::set<std::string, std::less<>> fields; // the keys of data; never the values
};

void decode(const Json& object, EndpointSlice& out);
void decode(const Json& object, Endpoints& out);
void decode(const Json& object, MetadataOnly& out);
void decode(const Json& object, ConfigMap& out);
void decode(const Json& object, Secret& out);

} // namespace orrery::api
