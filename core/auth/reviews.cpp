#include "core/auth/reviews.h"

#include "core/auth/review_errors.h"

namespace orrery::auth {
namespace {

constexpr const char* kAuthorization = "authorization.k8s.io";
constexpr const char* kAuthentication = "authentication.k8s.io";

StatusCause invalidValue(std::string field, const std::string& value, const std::string& why) {
    return {"FieldValueInvalid", "Invalid value: " + value + ": " + why, std::move(field)};
}

std::vector<std::string> strings(const Json& object, std::string_view key) {
    std::vector<std::string> out;
    for (const Json& item : arrayAt(object, key))
        out.emplace_back(asString(item));
    return out;
}

JsonArray array(const std::vector<std::string>& list) {
    JsonArray out;
    for (const std::string& item : list)
        out.emplace_back(item);
    return out;
}

bool isEmpty(const Json& value) {
    return value.is_null() || (value.is_string() && value.as_string().empty()) ||
           (value.is_array() && value.as_array().empty()) ||
           (value.is_object() && value.as_object().empty());
}

// Copies the named members that are not empty (Go's omitempty).
JsonObject pick(const Json& from, std::initializer_list<std::string_view> keys) {
    JsonObject out;
    for (const std::string_view key : keys)
        if (const Json* value = find(from, key); value != nullptr && !isEmpty(*value))
            out[key] = *value;
    return out;
}

const Json* member(const Json& object, std::string_view key) {
    const Json* value = find(object, key);
    return value != nullptr && value->is_object() ? value : nullptr;
}

const Json& specOf(const Json& review) {
    static const Json none = JsonObject();
    const Json* spec = member(review, "spec");
    return spec != nullptr ? *spec : none;
}

JsonObject answer(const char* group, const char* kind, const Json& review) {
    JsonObject out;
    out["kind"] = kind;
    out["apiVersion"] = std::string(group) + "/v1";
    const Json* metadata = member(review, "metadata");
    out["metadata"] = metadata != nullptr ? *metadata : Json(JsonObject());
    return out;
}

JsonObject accessSpec(const Json& spec, bool withSubject) {
    JsonObject out;
    if (const Json* resource = member(spec, "resourceAttributes"))
        out["resourceAttributes"] =
            pick(*resource, {"namespace", "verb", "group", "version", "resource", "subresource",
                             "name", "fieldSelector", "labelSelector"});
    if (const Json* path = member(spec, "nonResourceAttributes"))
        out["nonResourceAttributes"] = pick(*path, {"path", "verb"});
    if (withSubject)
        for (const auto& [key, value] : pick(spec, {"user", "groups", "extra", "uid"}))
            out[key] = value;
    return out;
}

// As Go prints its internal type.
std::string pathText(const Json& path) {
    return serializeJson(
        JsonObject{{"Path", stringAt(path, "path")}, {"Verb", stringAt(path, "verb")}});
}

void checkAccessSpec(const Json& spec, bool withSubject, std::vector<StatusCause>& causes) {
    const Json* resource = member(spec, "resourceAttributes");
    const Json* path = member(spec, "nonResourceAttributes");
    if (resource != nullptr && path != nullptr)
        causes.push_back(invalidValue("spec.nonResourceAttributes", pathText(*path),
                                      "cannot be specified in combination with "
                                      "resourceAttributes"));
    if (resource == nullptr && path == nullptr)
        causes.push_back(invalidValue("spec.resourceAttributes", "null",
                                      "exactly one of nonResourceAttributes or resourceAttributes "
                                      "must be specified"));
    if (withSubject && stringAt(spec, "user").empty() && arrayAt(spec, "groups").empty())
        causes.push_back(
            invalidValue("spec.user", "\"\"", "at least one of user or group must be specified"));
}

// A review has no name; managedFields and a local review's namespace are the server's.
void checkMetadata(const Json& review, bool local, std::vector<StatusCause>& causes) {
    const Json* metadata = member(review, "metadata");
    if (metadata == nullptr)
        return;
    for (const auto& [key, value] : metadata->as_object())
        if (key != "managedFields" && !(local && key == "namespace") && !isEmpty(value)) {
            causes.push_back(
                invalidValue("metadata", serializeJson(*metadata),
                             local ? "must be empty except for namespace" : "must be empty"));
            return;
        }
}

// "a=b,c!=d" of a fieldSelector's requirements (only what the node authorizer reads).
std::string selectorText(const Json& resource) {
    std::string text(stringAt(resource, "fieldSelector.rawSelector"));
    for (const Json& one : arrayAt(resource, "fieldSelector.requirements"))
        if (stringAt(one, "operator") == "In" && arrayAt(one, "values").size() == 1)
            text += (text.empty() ? "" : ",") + std::string(stringAt(one, "key")) + "=" +
                    std::string(asString(arrayAt(one, "values")[0]));
    return text;
}

Attributes attributesOf(const Json& spec, UserInfo user) {
    Attributes attributes;
    attributes.user = std::move(user);
    if (const Json* resource = member(spec, "resourceAttributes")) {
        attributes.resourceRequest = true;
        attributes.verb = stringAt(*resource, "verb");
        attributes.group = stringAt(*resource, "group");
        attributes.version = stringAt(*resource, "version");
        attributes.resource = stringAt(*resource, "resource");
        attributes.subresource = stringAt(*resource, "subresource");
        attributes.namespace_ = stringAt(*resource, "namespace");
        attributes.name = stringAt(*resource, "name");
        attributes.fieldSelector = selectorText(*resource);
    } else if (const Json* path = member(spec, "nonResourceAttributes")) {
        attributes.verb = stringAt(*path, "verb");
        attributes.path = stringAt(*path, "path");
    }
    return attributes;
}

UserInfo subjectOf(const Json& spec) {
    UserInfo user;
    user.name = stringAt(spec, "user");
    user.uid = stringAt(spec, "uid");
    user.groups = strings(spec, "groups");
    for (const auto& [key, values] : objectAt(spec, "extra"))
        if (values.is_array())
            for (const Json& value : values.as_array())
                user.extra[std::string(key)].emplace_back(asString(value));
    return user;
}

JsonObject accessStatus(const Decision& decision) {
    JsonObject status;
    status["allowed"] = decision.allowed;
    if (!decision.reason.empty())
        status["reason"] = decision.reason;
    return status;
}

JsonObject userJson(const UserInfo& user) {
    JsonObject out;
    if (!user.name.empty())
        out["username"] = user.name;
    if (!user.uid.empty())
        out["uid"] = user.uid;
    if (!user.groups.empty())
        out["groups"] = array(user.groups);
    if (!user.extra.empty()) {
        JsonObject extra;
        for (const auto& [key, values] : user.extra)
            extra[key] = array(values);
        out["extra"] = std::move(extra);
    }
    return out;
}

} // namespace

Error invalidReview(const std::string& group, const std::string& kind, const std::string& name,
                    std::vector<StatusCause> causes) {
    std::string all;
    for (const StatusCause& cause : causes)
        all += (all.empty() ? "" : ", ") + cause.field + ": " + cause.message;
    Error error = makeError(Reason::Invalid, kind + "." + group + " \"" + name + "\" is invalid: " +
                                                 (causes.size() > 1 ? "[" + all + "]" : all));
    error.detailsName = name;
    error.detailsGroup = group;
    error.detailsKind = kind;
    error.causes = std::move(causes);
    return error;
}

Error notFoundCore(const std::string& resource, const std::string& name) {
    Error error = makeError(Reason::NotFound, resource + " \"" + name + "\" not found");
    error.detailsName = name;
    error.detailsKind = resource;
    return error;
}

Result<Json> subjectAccessReview(Authorizer& authorizer, const Json& review) {
    const Json& spec = specOf(review);
    std::vector<StatusCause> causes;
    checkAccessSpec(spec, true, causes);
    checkMetadata(review, false, causes);
    if (!causes.empty())
        return invalidReview(kAuthorization, "", "", std::move(causes));
    JsonObject out = answer(kAuthorization, "SubjectAccessReview", review);
    out["spec"] = accessSpec(spec, true);
    out["status"] = accessStatus(authorizer.authorize(attributesOf(spec, subjectOf(spec))));
    return Json(std::move(out));
}

Result<Json> localSubjectAccessReview(Authorizer& authorizer, const std::string& namespace_,
                                      const Json& review) {
    const Json& spec = specOf(review);
    std::vector<StatusCause> causes;
    checkAccessSpec(spec, true, causes);
    checkMetadata(review, true, causes);
    const Json* resource = member(spec, "resourceAttributes");
    if (resource != nullptr && stringAt(*resource, "namespace") != namespace_)
        causes.push_back(invalidValue("spec.resourceAttributes.namespace",
                                      serializeJson(Json(stringAt(*resource, "namespace"))),
                                      "must match metadata.namespace"));
    if (const Json* path = member(spec, "nonResourceAttributes"))
        causes.push_back(invalidValue("spec.nonResourceAttributes", pathText(*path),
                                      "disallowed on this kind of request"));
    if (!causes.empty())
        return invalidReview(kAuthorization, "", "", std::move(causes));
    JsonObject out = answer(kAuthorization, "LocalSubjectAccessReview", review);
    out["metadata"].as_object()["namespace"] = namespace_;
    out["spec"] = accessSpec(spec, true);
    out["status"] = accessStatus(authorizer.authorize(attributesOf(spec, subjectOf(spec))));
    return Json(std::move(out));
}

Result<Json> selfSubjectAccessReview(Authorizer& authorizer, const UserInfo& user,
                                     const Json& review) {
    const Json& spec = specOf(review);
    std::vector<StatusCause> causes;
    checkAccessSpec(spec, false, causes);
    checkMetadata(review, false, causes);
    if (!causes.empty())
        return invalidReview(kAuthorization, "", "", std::move(causes));
    JsonObject out = answer(kAuthorization, "SelfSubjectAccessReview", review);
    out["spec"] = accessSpec(spec, false);
    out["status"] = accessStatus(authorizer.authorize(attributesOf(spec, user)));
    return Json(std::move(out));
}

Result<Json> selfSubjectRulesReview(Authorizer& authorizer, const UserInfo& user,
                                    const Json& review) {
    const std::string namespace_(stringAt(specOf(review), "namespace"));
    if (namespace_.empty())
        return badRequest("no namespace on request");
    JsonArray resources, paths;
    for (const PolicyRule& rule : authorizer.rulesFor(user, namespace_)) {
        JsonObject one;
        one["verbs"] = array(rule.verbs);
        if (!rule.nonResourceURLs.empty()) {
            one["nonResourceURLs"] = array(rule.nonResourceURLs);
            paths.push_back(std::move(one));
            continue;
        }
        one["apiGroups"] = array(rule.apiGroups);
        one["resources"] = array(rule.resources);
        if (!rule.resourceNames.empty())
            one["resourceNames"] = array(rule.resourceNames);
        resources.push_back(std::move(one));
    }
    JsonObject out = answer(kAuthorization, "SelfSubjectRulesReview", review);
    out["spec"] = JsonObject();
    out["status"] = JsonObject{{"resourceRules", std::move(resources)},
                               {"nonResourceRules", std::move(paths)},
                               {"incomplete", false}};
    return Json(std::move(out));
}

Json selfSubjectReview(const UserInfo& user, Time now) {
    JsonObject out;
    out["kind"] = "SelfSubjectReview";
    out["apiVersion"] = std::string(kAuthentication) + "/v1";
    out["metadata"] = JsonObject{{"creationTimestamp", formatTime(now)}};
    out["status"] = JsonObject{{"userInfo", userJson(user)}};
    return out;
}

Result<Json> tokenReview(Authenticator& authenticator, const Json& review) {
    const Json& spec = specOf(review);
    const std::string token(stringAt(spec, "token"));
    if (token.empty())
        return badRequest("token is required for TokenReview in authentication");
    JsonObject out = answer(kAuthentication, "TokenReview", review);
    out["spec"] = pick(spec, {"token", "audiences"});
    JsonObject status;
    Result<TokenUser> found = authenticator.reviewToken(token, strings(spec, "audiences"));
    if (found) {
        status["authenticated"] = true;
        status["user"] = userJson(found->user);
        status["audiences"] = array(found->audiences);
    } else {
        status["user"] = JsonObject();
        status["error"] = found.error().message;
    }
    out["status"] = std::move(status);
    return Json(std::move(out));
}

} // namespace orrery::auth
