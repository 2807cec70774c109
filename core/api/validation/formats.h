// The syntaxes of names, labels, annotations, ports, ...: each returns what is wrong in Kubernetes'
// words, nothing when all is well.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace orrery::api {

using Sentences = std::vector<std::string>;

Sentences checkDns1123Label(std::string_view value);
Sentences checkDns1123Subdomain(std::string_view value);
Sentences checkDns1035Label(std::string_view value);
Sentences checkWildcardSubdomain(std::string_view value); // "*.example.com"
Sentences checkQualifiedName(std::string_view value);     // "example.com/name": label keys
Sentences checkLabelValue(std::string_view value);
Sentences checkConfigMapKey(std::string_view value);
Sentences checkEnvVarName(std::string_view value); // as relaxed since v1.34
Sentences checkPortName(std::string_view value);
Sentences checkPortNumber(std::int64_t value);
Sentences checkPathSegmentName(std::string_view value); // RBAC's names
Sentences checkPercent(std::string_view value);
Sentences checkDomainPrefixedPath(std::string_view value); // finalizers of controllers
// Any spelling of a well-formed address or range, but no leading zeros (addresses.h has more).
Sentences checkIp(std::string_view value);
Sentences checkCidr(std::string_view value);
// "a.b.c" and "a.b": domains with at least three, or two, labels.
Sentences checkFullyQualifiedName(std::string_view value);
Sentences checkFullyQualifiedDomain(std::string_view value);
Sentences checkCIdentifier(std::string_view value);
Sentences checkConditionReason(std::string_view value);
// The value without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view value);

std::string maxLengthSentence(std::size_t max,
                              std::string_view unit = "bytes"); // "must be no more than 63 bytes"
std::string rangeSentence(std::int64_t from, std::int64_t to);

} // namespace orrery::api
