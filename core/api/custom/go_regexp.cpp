#include "core/api/custom/go_regexp.h"

#include <re2/re2.h>

namespace orrery::api {

namespace {
// A pattern that needs more is refused: it comes from whoever may write definitions.
constexpr std::int64_t kProgramBytesMax = 8 << 20;

std::string_view goWords(re2::RE2::ErrorCode code) {
    switch (code) {
    case re2::RE2::ErrorBadEscape:
        return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
        return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
        return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
        return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
        return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
        return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
        return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
        return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
        return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
        return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
        return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
        return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
        return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
        return "expression too large";
    default:
        return "regexp/syntax: internal error";
    }
}

re2::RE2::Options options() {
    re2::RE2::Options made;
    made.set_log_errors(false);
    made.set_max_mem(kProgramBytesMax);
    return made;
}
} // namespace

struct GoRegexp::Program {
    explicit Program(const std::string& pattern) : regexp(pattern, options()) {}
    re2::RE2 regexp;
};

Result<GoRegexp> GoRegexp::compile(std::string_view pattern) {
    GoRegexp out;
    out.pattern_ = pattern;
    auto program = std::make_shared<const Program>(out.pattern_);
    if (!program->regexp.ok()) {
        const re2::RE2::ErrorCode code = program->regexp.error_code();
        // Go quotes the whole expression where a closing bracket lacks.
        const bool whole = code == re2::RE2::ErrorMissingParen;
        return badRequest("error parsing regexp: " + std::string(goWords(code)) + ": `" +
                          (whole ? out.pattern_ : program->regexp.error_arg()) + "`");
    }
    out.program_ = std::move(program);
    return out;
}

bool GoRegexp::matches(std::string_view text) const {
    return re2::RE2::PartialMatch({text.data(), text.size()}, program_->regexp);
}

} // namespace orrery::api
