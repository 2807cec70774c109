#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

std::string_view headerOf(const Headers& headers, std::string_view lowerCaseName) {
    for (const auto& [name, value] : headers)
        if (name == lowerCaseName)
            return value;
    return {};
}

} // namespace orrery::apiserver
