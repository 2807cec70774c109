// metav1.Status: how every failure, and some successes, read on the wire.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::apiserver {

// The Failure of an error.
Json statusOf(const Error& error);
// The Success of a deletion: {"status": "Success", "details": {...}}.
Json deletionStatus(std::string_view group, std::string_view resource, std::string_view name,
                    std::string_view uid);
// {"status": "Success", "code": 201}: bindings and evictions.
Json createdStatus();

// The errors that many places raise, in Kubernetes' words. `resource` and `kind` are what
// details.kind names.
Error notFound(std::string_view group, std::string_view resource, std::string_view name);
Error alreadyExists(std::string_view group, std::string_view resource, std::string_view name);
Error conflict(std::string_view group, std::string_view resource, std::string_view name,
               std::string_view reason);
Error methodNotAllowed();
Error unknownPath(); // "the server could not find the requested resource"
Error tooLargeResourceVersion(std::int64_t asked, std::int64_t current);
Error expired(std::string_view message);

} // namespace orrery::apiserver
