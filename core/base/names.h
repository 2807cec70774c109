// Kubernetes' rules for names. Each check returns "" or the sentence that a refusal carries.
#pragma once
#include <string>
#include <string_view>

namespace orrery {

std::string checkDns1123Label(std::string_view text);     // at most 63 characters
std::string checkDns1123Subdomain(std::string_view text); // at most 253
std::string checkDns1035Label(std::string_view text);     // services: begins with a letter
std::string checkQualifiedName(std::string_view text);    // label and annotation keys
std::string checkLabelValue(std::string_view text);       // at most 63, may be empty

} // namespace orrery
