// Regular expressions in Go's dialect, linear in time (RE2). The only header's .cpp that names the
// library.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace orrery::api {

class GoRegexp {
  public:
    // The error's message is Go's: "error parsing regexp: missing closing ): `a(`".
    static Result<GoRegexp> compile(std::string_view pattern);
    // Whether any part of the text matches.
    bool matches(std::string_view text) const;
    const std::string& pattern() const { return pattern_; }

  private:
    struct Program;
    std::shared_ptr<const Program> program_;
    std::string pattern_;
};

} // namespace orrery::api
