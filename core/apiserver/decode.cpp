// Step 5 of the pipeline: what a create or an update asks for becomes an object.
#include "core/api/custom/custom_schema.h"
#include "core/api/defaults.h"
#include "core/api/object.h"
#include "core/api/validation/validation.h"
#include "core/apiserver/go_json.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const unsigned char c : bytes) {
        out.push_back(kDigits[c >> 4]);
        out.push_back(kDigits[c & 15]);
    }
    return out;
}

// The beginning of a body, as Kubernetes quotes it.
std::string summary(std::string_view body) {
    constexpr std::size_t kMax = 30;
    if (body.empty())
        return "<empty>";
    const std::string_view head = body.substr(0, kMax);
    return (body[0] == '{' ? std::string(head) : hex(head)) + (body.size() > kMax ? " ..." : "");
}

Error unrecognized(const Call& call, const api::KindDef& kind, const std::string& reason) {
    return badRequest("the object provided is unrecognized (must be of type " + kind.kind +
                      "): couldn't get version/kind; json parse error: " + reason + " (" +
                      summary(call.bodyText) + ")");
}

// The name of the Go package of a group's internal types: "core", "apps", "rbac".
std::string goPackage(std::string_view group) {
    if (group.empty())
        return "core";
    return std::string(group.substr(0, group.find('.')));
}

struct TypeMeta {
    std::string group, version, kind;
    std::string apiVersion() const { return group.empty() ? version : group + "/" + version; }
};

// What the body says it is; what it leaves out is what the path says.
TypeMeta typeOf(const Json& raw, const api::KindDef& kind) {
    TypeMeta type;
    const std::string apiVersion(stringAt(raw, "apiVersion"));
    const std::size_t slash = apiVersion.find('/');
    type.group = slash == std::string::npos ? "" : apiVersion.substr(0, slash);
    type.version = slash == std::string::npos ? apiVersion : apiVersion.substr(slash + 1);
    type.kind = stringAt(raw, "kind", kind.kind);
    if (type.kind.empty())
        type.kind = kind.kind;
    if (type.version.empty() && (type.group.empty() || type.group == kind.group)) {
        type.group = kind.group;
        type.version = kind.version;
    }
    return type;
}

Error otherKind(const ServerCore& core, const TypeMeta& type, const api::KindDef& kind) {
    const bool known = core.kinds.bodyKind(type.apiVersion(), type.kind) != nullptr;
    const std::string reason =
        known ? "converting (" + type.version + "." + type.kind + ") to (" + goPackage(kind.group) +
                    "." + kind.kind + "): unknown conversion"
              : "no kind \"" + type.kind + "\" is registered for version \"" + type.apiVersion() +
                    "\" in scheme \"pkg/runtime/scheme.go:111\"";
    return badRequest(type.kind + " in version \"" + type.version + "\" cannot be handled as a " +
                      kind.kind + ": " + reason);
}

// Another version of the same kind is welcome: it is read as what it is, and converted.
const api::KindDef* readableAs(const ServerCore& core, const TypeMeta& type,
                               const api::KindDef& kind) {
    if (type.group == kind.group && type.version == kind.version && type.kind == kind.kind)
        return &kind;
    const api::KindDef* other = core.kinds.bodyKind(type.apiVersion(), type.kind);
    const bool same =
        other && other->kind == kind.kind &&
        (other->group == kind.group || core.storageOf(*other) == core.storageOf(kind));
    return same ? other : nullptr;
}
} // namespace

Result<Json> decodeBody(ServerCore& core, Call& call, const api::KindDef& kind) {
    if (kind.custom && call.body && call.body->is_object())
        ORRERY_TRY(checkCustomBody(call, kind));
    if (!call.body && !call.bodyError.empty())
        return badRequest("the object provided is unrecognized (must be of type " + kind.kind +
                          "): " + call.bodyError + " (" + summary(call.bodyText) + ")");
    if (!call.body)
        return unrecognized(call, kind, goSyntaxErrorOf(call.bodyText));
    if (!call.body->is_object())
        return unrecognized(call, kind,
                            "json: cannot unmarshal " +
                                std::string(call.body->is_array() ? "array" : "string") +
                                " into Go value of type struct { APIVersion string "
                                "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                                "\"json:\\\"kind,omitempty\\\"\" }");
    const TypeMeta type = typeOf(*call.body, kind);
    const api::KindDef* readAs = readableAs(core, type, kind);
    if (!readAs)
        return otherKind(core, type, kind);
    ORRERY_TRY_ASSIGN(api::Decoded decoded,
                      api::decodeObject(*readAs, std::move(*call.body),
                                        call.options.fieldValidation, call.bodyText));
    for (std::string& warning : decoded.warnings)
        call.warnings.push_back(std::move(warning));
    api::applyDefaults(*readAs, decoded.object);
    if (readAs != &kind)
        return api::convertVersion(*readAs, kind, std::move(decoded.object));
    return std::move(decoded.object);
}

Result<void> checkNamespace(const Call& call, Json& object) {
    const std::string_view given = stringAt(object, "metadata.namespace");
    const bool namespaced = call.kind->scope == api::Scope::Namespaced;
    const std::string& asked = namespaced ? call.info.namespace_ : std::string();
    if (given.empty() && namespaced)
        setPath(object, "metadata.namespace", Json(asked));
    else if (given != asked)
        return badRequest("the namespace of the provided object does not match the namespace sent "
                          "on the request");
    return {};
}

Result<void> checkName(const Call& call, const Json& object) {
    const std::string given(stringAt(object, "metadata.name"));
    if (given.empty())
        return badRequest("the name of the object (" + call.info.name +
                          " based on URL) was undeterminable: name must be provided");
    if (given != call.info.name)
        return badRequest("the name of the object (" + given +
                          ") does not match the name on the URL (" + call.info.name + ")");
    return {};
}

void loadCurrent(ServerCore& core, Call& call) {
    call.key = call.storage->key(call.info.namespace_, call.info.name);
    call.current = core.store.get(call.key);
    if (!call.current)
        return;
    if (isStoredForm(*call.storage, *call.kind, call.current->modRevision))
        call.old = call.current->value->sharedTree();
    else if (call.kind->custom)
        call.old = std::make_shared<const Json>(
            api::readStoredCustom(*call.kind, call.current->value->tree()));
    else
        call.old = std::make_shared<const Json>(
            api::convertVersion(*call.storage, *call.kind, call.current->value->tree()));
}

Error notFoundFor(const Call& call) {
    return notFound(call.kind->group, call.kind->plural, call.info.name);
}

Result<void> decodeCreate(ServerCore& core, Call& call) {
    ORRERY_TRY(refuseOfTerminating(core, call));
    ORRERY_TRY_ASSIGN(call.object, decodeBody(core, call, *call.kind));
    for (const char* field : {"uid", "creationTimestamp", "deletionTimestamp",
                              "deletionGracePeriodSeconds", "selfLink"})
        removePath(ensurePath(call.object, "metadata"), field);
    ORRERY_TRY(checkNamespace(call, call.object));
    call.operation = admission::Operation::Create;
    call.writes = true;
    call.successCode = 201;
    call.info.name = stringAt(call.object, "metadata.name");
    return {};
}

Result<void> decodeUpdate(ServerCore& core, Call& call) {
    const Json* fields = call.body ? findPath(*call.body, "metadata.managedFields") : nullptr;
    const bool forgetManagers = fields && fields->is_array() && fields->get_array().empty();
    ORRERY_TRY_ASSIGN(call.object, decodeBody(core, call, *call.kind));
    if (forgetManagers) // decoding drops empty lists, and this one means something
        setPath(call.object, "metadata.managedFields", JsonArray());
    ORRERY_TRY(checkNamespace(call, call.object));
    ORRERY_TRY(checkName(call, call.object));
    loadCurrent(core, call);
    call.writes = true;
    if (!call.current) {
        if (!call.info.subresource.empty() || !allowsCreateOnUpdate(*call.kind))
            return notFoundFor(call);
        call.operation = admission::Operation::Create;
        call.successCode = 201;
        return {};
    }
    call.operation = admission::Operation::Update;
    return checkPreconditions(call);
}

Result<void> checkPreconditions(const Call& call) {
    const api::KindDef& kind = *call.kind;
    const std::string uid(stringAt(call.object, "metadata.uid"));
    const std::string oldUid(stringAt(*call.old, "metadata.uid"));
    if (!uid.empty() && uid != oldUid)
        return conflict(kind.group, kind.plural, call.info.name,
                        "StorageError: invalid object, Code: 4, Key: " + call.key +
                            ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                            "precondition: " +
                            uid + ", UID in object meta: " + oldUid);
    return checkVersion(call);
}

Result<void> checkVersion(const Call& call) {
    const api::KindDef& kind = *call.kind;
    const auto parsed = parseResourceVersion(stringAt(call.object, "metadata.resourceVersion"));
    if (!parsed) { // Go's words alone
        const std::string& message = parsed.error().message;
        return makeError(Reason::Unknown, message.substr(message.find("strconv.")));
    }
    const std::int64_t version = *parsed;
    if (version == 0 && !allowsUnconditionalUpdate(kind))
        return api::invalid(
            kind.group, kind.plural, call.info.name,
            {StatusCause{"FieldValueInvalid", "Invalid value: 0: must be specified for an update",
                         "metadata.resourceVersion"}});
    if (version != 0 && version != call.current->modRevision)
        return conflict(
            kind.group, kind.plural, call.info.name,
            "the object has been modified; please apply your changes to the latest version and "
            "try again");
    return {};
}

} // namespace orrery::apiserver
