#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
std::string qualified(std::string_view group, std::string_view resource) {
    std::string text(resource);
    if (!group.empty())
        text.append(".").append(group);
    return text;
}

// Some refusals carry details even when there is nothing in them.
bool alwaysHasDetails(const Error& error) {
    switch (error.reason) {
    case Reason::MethodNotAllowed:
    case Reason::NotFound:
    case Reason::Invalid:
        return true;
    case Reason::NotAcceptable:
        return error.message.starts_with("406:");
    case Reason::UnsupportedMediaType:
        return error.message.starts_with("415:");
    default:
        return false;
    }
}

JsonObject detailsOf(const Error& error) {
    JsonObject details;
    if (!error.detailsName.empty())
        details["name"] = error.detailsName;
    if (!error.detailsGroup.empty())
        details["group"] = error.detailsGroup;
    if (!error.detailsKind.empty())
        details["kind"] = error.detailsKind;
    if (!error.detailsUid.empty())
        details["uid"] = error.detailsUid;
    if (!error.causes.empty()) {
        JsonArray causes;
        for (const StatusCause& cause : error.causes) {
            JsonObject one;
            if (!cause.reason.empty())
                one["reason"] = cause.reason;
            if (!cause.message.empty())
                one["message"] = cause.message;
            if (!cause.field.empty())
                one["field"] = cause.field;
            causes.push_back(std::move(one));
        }
        details["causes"] = std::move(causes);
    }
    if (error.retryAfterSeconds > 0)
        details["retryAfterSeconds"] = error.retryAfterSeconds;
    return details;
}

JsonObject head(std::string_view status) {
    JsonObject object;
    object["kind"] = "Status";
    object["apiVersion"] = "v1";
    object["metadata"] = JsonObject();
    object["status"] = status;
    return object;
}

Error about(Reason reason, std::string message, std::string_view group, std::string_view resource,
            std::string_view name) {
    Error error = makeError(reason, std::move(message));
    error.detailsGroup = group;
    error.detailsKind = resource;
    error.detailsName = name;
    return error;
}
} // namespace

Json statusOf(const Error& error) {
    JsonObject object = head("Failure");
    if (!error.message.empty())
        object["message"] = error.message;
    if (error.reason != Reason::Unknown)
        object["reason"] = reasonName(error.reason);
    if (JsonObject details = detailsOf(error); !details.empty() || alwaysHasDetails(error))
        object["details"] = std::move(details);
    object["code"] = error.httpCode();
    return object;
}

Json deletionStatus(std::string_view group, std::string_view resource, std::string_view name,
                    std::string_view uid) {
    JsonObject object = head("Success");
    JsonObject details;
    details["name"] = name;
    if (!group.empty())
        details["group"] = group;
    details["kind"] = resource;
    details["uid"] = uid;
    object["details"] = std::move(details);
    return object;
}

Json createdStatus() {
    JsonObject object = head("Success");
    object["code"] = 201;
    return object;
}

Error notFound(std::string_view group, std::string_view resource, std::string_view name) {
    return about(Reason::NotFound,
                 qualified(group, resource) + " \"" + std::string(name) + "\" not found", group,
                 resource, name);
}

Error alreadyExists(std::string_view group, std::string_view resource, std::string_view name) {
    return about(Reason::AlreadyExists,
                 qualified(group, resource) + " \"" + std::string(name) + "\" already exists",
                 group, resource, name);
}

Error conflict(std::string_view group, std::string_view resource, std::string_view name,
               std::string_view reason) {
    return about(Reason::Conflict,
                 "Operation cannot be fulfilled on " + qualified(group, resource) + " \"" +
                     std::string(name) + "\": " + std::string(reason),
                 group, resource, name);
}

Error methodNotAllowed() {
    return makeError(Reason::MethodNotAllowed,
                     "the server does not allow this method on the requested resource");
}

Error unknownPath() {
    return makeError(Reason::NotFound, "the server could not find the requested resource");
}

Error tooLargeResourceVersion(std::int64_t asked, std::int64_t current) {
    Error error =
        makeError(Reason::Timeout, "Timeout: Too large resource version: " + std::to_string(asked) +
                                       ", current: " + std::to_string(current));
    error.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
    error.retryAfterSeconds = 1;
    return error;
}

Error expired(std::string_view message) {
    return makeError(Reason::Expired, std::string(message));
}

} // namespace orrery::apiserver
