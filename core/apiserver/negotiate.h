// Which form of an answer a caller accepts.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace orrery::apiserver {

struct Representation {
    enum class Media : std::uint8_t { Json, Yaml };
    enum class Shape : std::uint8_t { Plain, Table, Partial };
    Media media = Media::Json;
    Shape shape = Shape::Plain;
    std::string metaVersion = "v1"; // of meta.k8s.io, for tables and partial objects

    std::string contentType() const;
};

// One media type of an Accept header with its parameters, best first.
struct AcceptClause {
    std::string type; // "application/json"
    std::string as, group, version, stream;
};
std::vector<AcceptClause> parseAccept(std::string_view header);

// For resources. NotAcceptable in Kubernetes' words; `watchable`: the path can be listed and
// watched.
Result<Representation> negotiate(std::string_view acceptHeader, bool watchable);

} // namespace orrery::apiserver
