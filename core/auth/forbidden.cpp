#include "core/auth/auth.h"

namespace orrery::auth {

Error forbidden(const Attributes& attributes, const std::string& reason) {
    const std::string user = "User \"" + attributes.user.name + "\" cannot " + attributes.verb;
    Error error = makeError(Reason::Forbidden, "");
    if (!attributes.resourceRequest) {
        error.message = "forbidden: " + user + " path \"" + attributes.path + "\"";
    } else {
        const std::string what = attributes.group.empty()
                                     ? attributes.resource
                                     : attributes.resource + "." + attributes.group;
        const std::string sub = attributes.subresource.empty() ? "" : "/" + attributes.subresource;
        error.message =
            what + (attributes.name.empty() ? "" : " \"" + attributes.name + "\"") +
            " is forbidden: " + user + " resource \"" + attributes.resource + sub +
            "\" in API group \"" + attributes.group + "\" " +
            (attributes.namespace_.empty() ? "at the cluster scope"
                                           : "in the namespace \"" + attributes.namespace_ + "\"");
        error.detailsName = attributes.name;
        error.detailsGroup = attributes.group;
        error.detailsKind = attributes.resource;
    }
    if (!reason.empty())
        error.message += ": " + reason;
    return error;
}

} // namespace orrery::auth
