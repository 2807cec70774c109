// YAML as Kubernetes reads it: every document becomes a JSON tree.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace orrery {

struct YamlDocument {
    int line = 1; // where it begins, from 1
    Json value;
};

// All documents of a text; empty ones are left out. Plain scalars follow YAML 1.1 as in Go's
// sigs.k8s.io/yaml (yes, on, ~ are booleans and null; 0x1f and 1_000 numbers). A text that begins
// with '{' is read as JSON too. The error names line, column and reason. Limits: depth
// kJsonDepthMax, 1,000,000 nodes (aliases count each time, so that they can't blow up).
Result<std::vector<YamlDocument>> parseYaml(std::string_view text);

// Block style, keys sorted as kubectl prints them; strings quoted when they would read as something
// else.
std::string emitYaml(const Json& value);

} // namespace orrery
