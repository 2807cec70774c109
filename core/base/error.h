// One Error from disk to wire, with Kubernetes' reasons; Result<T> is an Error or a value.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace orrery {

// metav1.StatusReason. Unknown is a failure that has no reason of its own (Status.reason is left
// out).
enum class Reason {
    Unknown,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Invalid,
    ServerTimeout,
    StoreReadError,
    Timeout,
    TooManyRequests,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    InternalError,
    Expired,
    ServiceUnavailable,
};

// Kubernetes' spelling of a reason ("NotFound"); "" for Unknown.
std::string_view reasonName(Reason reason);
// The HTTP status code that goes with a reason (404 for NotFound); 500 for Unknown.
int reasonCode(Reason reason);

// metav1.StatusCause: reason is a cause type such as "FieldValueInvalid"; field a path such as
// "spec.replicas".
struct StatusCause {
    std::string reason;
    std::string message;
    std::string field;
};

// A failure. `message` is the whole sentence that a person reads (Status.message).
struct Error {
    Reason reason = Reason::Unknown;
    std::string message;
    int code = 0;             // HTTP status; 0 means reasonCode(reason)
    std::string detailsName;  // Status.details.name
    std::string detailsGroup; // Status.details.group
    std::string detailsKind;  // Status.details.kind
    std::string detailsUid;   // Status.details.uid
    int retryAfterSeconds =
        0; // Status.details.retryAfterSeconds and the Retry-After header; 0: none
    std::vector<StatusCause> causes = {}; // Status.details.causes

    int httpCode() const { return code != 0 ? code : reasonCode(reason); }
};

inline Error makeError(Reason reason, std::string message) {
    Error error;
    error.reason = reason;
    error.message = std::move(message);
    return error;
}
inline Error internalError(std::string message) {
    return makeError(Reason::InternalError, std::move(message));
}
inline Error badRequest(std::string message) {
    return makeError(Reason::BadRequest, std::move(message));
}

// Prints the failed condition with its place and aborts. Used by ORRERY_ASSERT only.
[[noreturn]] void assertFailed(const char* condition, const char* file, int line);

// Always on: for what can't happen. What can happen is a Result.
#define ORRERY_ASSERT(condition)                                                                   \
    ((condition) ? static_cast<void>(0) : ::orrery::assertFailed(#condition, __FILE__, __LINE__))

// A value or an Error; named like std::expected so that it can become it.
template <typename T> class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& value() & { return checked(); }
    const T& value() const& { return const_cast<Result*>(this)->checked(); }
    T&& value() && { return std::move(checked()); }
    T& operator*() & { return checked(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(checked()); }
    T* operator->() { return &checked(); }
    const T* operator->() const { return &value(); }
    Error& error() {
        ORRERY_ASSERT(!has_value());
        return *std::get_if<1>(&state_);
    }
    const Error& error() const { return const_cast<Result*>(this)->error(); }
    T value_or(T other) const { return has_value() ? value() : std::move(other); }

  private:
    T& checked() {
        ORRERY_ASSERT(has_value());
        return *std::get_if<0>(&state_);
    }
    std::variant<T, Error> state_;
};

template <> class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}
    bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }
    Error& error() {
        ORRERY_ASSERT(error_.has_value());
        return *error_;
    }
    const Error& error() const { return const_cast<Result*>(this)->error(); }

  private:
    std::optional<Error> error_;
};

#define ORRERY_CONCAT_(a, b) a##b
#define ORRERY_CONCAT(a, b) ORRERY_CONCAT_(a, b)
// Returns the error of a Result<void> expression, if it has one.
#define ORRERY_TRY(expression)                                                                     \
    do {                                                                                           \
        if (auto tried_ = (expression); !tried_)                                                   \
            return std::move(tried_.error());                                                      \
    } while (false)
// ORRERY_TRY_ASSIGN(auto x, expression): the value of a Result, or return its error.
#define ORRERY_TRY_ASSIGN(target, expression)                                                      \
    auto ORRERY_CONCAT(result_, __LINE__) = (expression);                                          \
    if (!ORRERY_CONCAT(result_, __LINE__))                                                         \
        return std::move(ORRERY_CONCAT(result_, __LINE__).error());                                \
    target = std::move(*ORRERY_CONCAT(result_, __LINE__))

} // namespace orrery
