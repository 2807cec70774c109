// What Go's encoding/json says about a text that is no JSON: parts of Kubernetes' answers.
#pragma once
#include <string>
#include <string_view>

namespace orrery::apiserver {

// "invalid character 'n' looking for beginning of object key string", "unexpected end of JSON
// input"; "" for good JSON.
std::string goSyntaxErrorOf(std::string_view text);

} // namespace orrery::apiserver
