#include "core/api/custom/custom_schema.h"
#include "core/api/defaults.h"
#include "core/apiserver/watch_hub.h"

namespace orrery::apiserver {

EncodedPtr encodeObject(const api::KindDef& kind, Json object) {
    JsonObject ordered;
    ORRERY_ASSERT(object.is_object());
    JsonObject& given = object.get_object();
    ordered.reserve(given.size() + 2);
    ordered["kind"] = kind.kind;
    ordered["apiVersion"] = kind.apiVersion();
    for (auto& member : given)
        if (member.key() != "kind" && member.key() != "apiVersion")
            ordered[member.key()] = std::move(member.value());
    return std::make_shared<const Encoded>(Json(std::move(ordered)));
}

std::string storedHead(const api::KindDef& kind) {
    return "{\"kind\":\"" + kind.kind + "\",\"apiVersion\":\"" + kind.apiVersion() + "\",";
}

EncodedPtr withRevision(const EncodedPtr& encoded, Revision revision) {
    Json tree = encoded->tree();
    setPath(tree, "metadata.resourceVersion", Json(std::to_string(revision)));
    return std::make_shared<const Encoded>(std::move(tree));
}

bool isStoredForm(const api::KindDef& storage, const api::KindDef& kind, Revision stored) {
    return &storage == &kind && (!kind.custom || stored > kind.storedFormSince);
}

EncodedPtr inVersion(const EncodedPtr& encoded, const api::KindDef& storage,
                     const api::KindDef& kind, Revision stored) {
    if (!encoded || isStoredForm(storage, kind, stored))
        return encoded;
    if (kind.custom)
        return encodeObject(kind, api::readStoredCustom(kind, encoded->tree()));
    return encodeObject(kind, api::convertVersion(storage, kind, encoded->tree()));
}

} // namespace orrery::apiserver
