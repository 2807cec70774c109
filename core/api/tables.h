// Server-side tables (meta.k8s.io Table): what `kubectl get` and the window's lists print.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/base/json.h"
#include "core/base/time.h"

namespace orrery::api {

enum class IncludeObject : std::uint8_t { None, Metadata, Object };

struct TableOptions {
    std::string version = "v1"; // of meta.k8s.io: "v1" or "v1beta1"
    IncludeObject include = IncludeObject::Metadata;
    bool columns = true; // watches send columnDefinitions with their first event only
    std::string resourceVersion,
        continue_; // of the list; for one object leave them empty: its own is used
    std::optional<std::int64_t> remainingItemCount;
};

// The columns of a built-in kind; the default ones (Name, Created At) for every other.
const std::vector<Column>& columnsFor(std::string_view group, std::string_view version,
                                      std::string_view kind);

// One element of Table.rows.
Json tableRow(const KindDef& kind, const Json& object, IncludeObject include, Time now);
// A table of a list. Uses kind.columns when there are any, else columnsFor().
Json tableFor(const KindDef& kind, std::span<const EncodedPtr> objects, const TableOptions& options,
              Time now);
// A table of one object (GET, the answer of a write, a watch event).
Json tableOf(const KindDef& kind, const Json& object, const TableOptions& options, Time now);
// PartialObjectMetadata of an object; `version` of meta.k8s.io.
Json partialMetadata(const Json& object, std::string_view version = "v1");

} // namespace orrery::api
