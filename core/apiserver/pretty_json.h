// JSON for people's eyes.
#pragma once
#include <string>
#include <vector>

#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

// The same document with line breaks and two blanks for each level, as Go's MarshalIndent writes
// it: empty objects and lists stay on their line, and no line ends the document. The slices
// together are one JSON document.
std::string prettyJson(const std::vector<Slice>& slices);

} // namespace orrery::apiserver
