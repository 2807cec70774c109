// From what a client sent to the object that the server keeps: types checked, unknown fields
// pruned, values in their canonical spelling. Pure; driven by the schema facts (schema.h).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

// What happens to unknown and duplicate fields: dropped silently, dropped with a warning, refused.
enum class FieldValidation : std::uint8_t { Ignore, Warn, Strict };

struct DecodeOptions {
    FieldValidation fieldValidation = FieldValidation::Ignore;
};

struct Decoded {
    Json object;
    std::vector<std::string> warnings; // texts of Warning headers (FieldValidation::Warn)
};

// Checks types, prunes unknown fields, drops nulls and what Go leaves out when empty, makes
// quantities canonical; sets apiVersion and kind. `rawText` is the JSON text that `raw` came from,
// to find duplicate keys; may be empty (then none are found). `earlierErrors` are complaints of
// whoever made `raw` (a YAML parser's duplicate keys), reported first. Errors are BadRequest with
// Kubernetes' texts.
Result<Decoded> decodeObject(const KindDef& kind, Json raw, FieldValidation validation,
                             std::string_view rawText = {},
                             std::vector<std::string> earlierErrors = {});

// The same for an object that a patch made: errors carry the decoder's bare text as message, so
// that the caller can frame it ("unable to ..."). Unknown fields are dropped into `unknownFields`
// as `unknown field "spec.foo"`, at most 100 of them.
Result<Json> normaliseObject(const KindDef& kind, Json raw,
                             std::vector<std::string>& unknownFields);

// Every duplicate key of a JSON text, as `duplicate field "spec.replicas"`, at most 100, in order
// of appearance. `text` must be valid JSON.
std::vector<std::string> duplicateFields(std::string_view text);

} // namespace orrery::api
