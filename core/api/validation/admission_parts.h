// What webhooks and admission policies share.
#pragma once
#include "core/api/validation/findings.h"

namespace orrery::api {

// operations, apiGroups, apiVersions, resources, scope of one rule.
void checkAdmissionRule(Findings& findings, const Json& rule, const std::string& path);
// Names and presence; what the expressions mean is not looked at.
void checkMatchConditions(Findings& findings, const Json& holder, const std::string& path);
// A selector that must be there, or may.
void checkSelectorMember(Findings& findings, const Json& holder, std::string_view member,
                         const std::string& path);
// Where a webhook is: an https URL without user, query and fragment.
void checkWebhookUrl(Findings& findings, std::string_view url, const std::string& path);
void checkWebhookService(Findings& findings, const Json& service, const std::string& path);

} // namespace orrery::api
