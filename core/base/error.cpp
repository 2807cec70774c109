#include "core/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace orrery {

namespace {
struct ReasonRow {
    Reason reason;
    std::string_view name;
    int code;
};
constexpr ReasonRow kReasons[] = {
    {Reason::Unknown, "", 500},
    {Reason::Unauthorized, "Unauthorized", 401},
    {Reason::Forbidden, "Forbidden", 403},
    {Reason::NotFound, "NotFound", 404},
    {Reason::AlreadyExists, "AlreadyExists", 409},
    {Reason::Conflict, "Conflict", 409},
    {Reason::Gone, "Gone", 410},
    {Reason::Invalid, "Invalid", 422},
    {Reason::ServerTimeout, "ServerTimeout", 500},
    {Reason::StoreReadError, "StorageReadError", 500},
    {Reason::Timeout, "Timeout", 504},
    {Reason::TooManyRequests, "TooManyRequests", 429},
    {Reason::BadRequest, "BadRequest", 400},
    {Reason::MethodNotAllowed, "MethodNotAllowed", 405},
    {Reason::NotAcceptable, "NotAcceptable", 406},
    {Reason::RequestEntityTooLarge, "RequestEntityTooLarge", 413},
    {Reason::UnsupportedMediaType, "UnsupportedMediaType", 415},
    {Reason::InternalError, "InternalError", 500},
    {Reason::Expired, "Expired", 410},
    {Reason::ServiceUnavailable, "ServiceUnavailable", 503},
};
const ReasonRow& row(Reason reason) {
    for (const ReasonRow& entry : kReasons)
        if (entry.reason == reason)
            return entry;
    return kReasons[0];
}
} // namespace

std::string_view reasonName(Reason reason) {
    return row(reason).name;
}
int reasonCode(Reason reason) {
    return row(reason).code;
}

void assertFailed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    std::abort();
}

} // namespace orrery
