// What Kubernetes wants of the schemas in a CustomResourceDefinition.
#pragma once
#include <string>

#include "core/api/validation/findings.h"

namespace orrery::api {

// An openAPIV3Schema (null: nothing to check): supported fields, extensions, structurality,
// defaults. `statusEnabled`: the version has the status subresource.
void checkDefinitionSchema(Findings& findings, const Json* schema, bool statusEnabled,
                           const std::string& path);
// The same schema's structural rules alone, sorted as Kubernetes sorts them (custom_structure.cpp).
FieldErrors checkStructure(const Json& schema, const std::string& path);
// Parts of a version (custom_versions.cpp). `subresources` may be null.
void checkDefinitionSubresources(Findings& findings, const Json* subresources,
                                 const std::string& path);
void checkDefinitionColumns(Findings& findings, const JsonArray& columns, const std::string& path);
void checkDeprecationWarning(Findings& findings, const Json& version, const std::string& path);
// A version's selectableFields against its schema.
void checkSelectableFields(Findings& findings, const Json& version, const std::string& path);
// Formats that no check stands behind, as warnings.
std::vector<std::string> unknownFormats(const Json& definition);

} // namespace orrery::api
