// Which form of an answer a caller accepts.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace orrery::apiserver {

struct Representation {
    enum class Media : std::uint8_t { Json, Yaml, Protobuf };
    enum class Shape : std::uint8_t { Plain, Table, Partial, PartialList };
    Media media = Media::Json;
    Shape shape = Shape::Plain;
    std::string metaVersion = "v1"; // of meta.k8s.io, for tables and partial objects
    bool pretty = false;            // JSON with line breaks and indentation

    std::string contentType() const;
    // Of a stream of watch events.
    std::string streamContentType() const;
};

// One media type of an Accept header with its parameters.
struct AcceptClause {
    std::string type, subtype; // "application", "json"
    std::vector<std::pair<std::string, std::string>> parameters;
    double weight = 1;

    // "application/json" and the like, or a wildcard for it.
    bool covers(std::string_view type_, std::string_view subtype_) const;
    // The last parameter of that name, or "".
    std::string_view parameter(std::string_view name) const;
    // What "g", "v" and "as" ask for; nullopt when they say nothing.
    struct Conversion {
        std::string_view group, version, kind;
    };
    std::optional<Conversion> conversion() const;
};
// Best first, as Kubernetes orders them: wildcards come last whatever their weight, and a weight of
// 0 is the least of all, but no refusal.
std::vector<AcceptClause> parseAccept(std::string_view header);

// Who answers, as far as it matters for what can be answered.
struct Endpoint {
    bool watchable = false; // a collection, that can be listed and watched
    bool custom = false;    // of a custom kind: protobuf carries its metadata only
    bool log = false;       // of a container: plain text too
};

// Paths of built-in kinds, and of their discovery, are looked up with the header's bare media types
// before anybody looks at parameters: what is no form of the path at all is refused in other words.
Result<void> checkProduced(std::string_view acceptHeader, const Endpoint& endpoint);
// For resources. NotAcceptable in Kubernetes' words.
Result<Representation> negotiate(std::string_view acceptHeader, const Endpoint& endpoint);
// For Status answers and documents: the plain object in the best form; JSON when none is accepted
// and the answer is an error, NotAcceptable otherwise.
Result<Representation> negotiatePlain(std::string_view acceptHeader);
// For /api and /apis: the form in which everything is told at once, when that is wanted in any
// form; plain documents are negotiated apart, whatever their weight.
std::optional<Representation> negotiateAggregated(std::string_view acceptHeader);
// Watches can't be YAML.
Result<void> checkStreamable(const Representation& form);

// Whether JSON is to be indented: what `pretty` says, or else for people's programs (browsers,
// curl, wget). `parameter` is nullptr when the query has none.
bool wantsPretty(const std::string* parameter, std::string_view userAgent);

} // namespace orrery::apiserver
