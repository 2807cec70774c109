// One version of a custom kind: its structural schema, and the same as types, so that managed
// fields and server-side apply see custom objects as they see built-in ones.
#pragma once
#include <deque>
#include <memory>

#include "core/api/custom/structural.h"
#include "core/api/kind.h"
#include "core/api/schema.h"

namespace orrery::api {

struct CustomSchema {
    explicit CustomSchema(const Json& openApiSchema);
    CustomSchema(const CustomSchema&) = delete;
    CustomSchema& operator=(const CustomSchema&) = delete;

    SchemaNode root;
    const Type* type = nullptr; // of the whole object

  private:
    friend class CustomTypeBuilder;
    std::deque<Type> types_;
};

// The type of a kind's objects: from the facts, or from its definition; null when there is none.
const Type* typeOf(const KindDef& kind);

// --- a custom kind's part of the steps that every kind goes through ------------------------------

// Checks and canonicalises metadata, prunes; paths of what was dropped go to `unknown`. The error
// is the decoder's text; "" for none.
std::string normaliseCustom(const KindDef& kind, Json& object, std::vector<std::string>& unknown);
// A stored object as today's schema of the version that it was stored in reads it, in the version
// of `kind`.
Json readStoredCustom(const KindDef& kind, Json object);
// The same object in another version of its kind (strategy None).
Json convertCustom(const KindDef& to, Json object);
// Kubernetes' causes beyond metadata. `old` is null on creation.
FieldErrors validateCustom(const KindDef& kind, const Json& object, const Json* old);

} // namespace orrery::api
