// Refusals that several reviews share.
#pragma once
#include <string>
#include <vector>

#include "core/base/error.h"

namespace orrery::auth {

// `KIND.GROUP "NAME" is invalid: FIELD: MESSAGE`; several causes stand in brackets.
Error invalidReview(const std::string& group, const std::string& kind, const std::string& name,
                    std::vector<StatusCause> causes);
// `RESOURCE "NAME" not found`, for a resource of the core group.
Error notFoundCore(const std::string& resource, const std::string& name);

} // namespace orrery::auth
