#include "core/apiserver/http/http_session.h"

#include <ctime>

#include "core/api/protobuf.h"
#include "core/apiserver/status.h"
#include "core/base/yaml.h"

namespace orrery::apiserver {

namespace {
Result<Json> firstYamlDocument(std::string_view text) {
    ORRERY_TRY_ASSIGN(std::vector<YamlDocument> documents, parseYaml(text));
    if (documents.empty())
        return Json();
    return std::move(documents.front().value);
}
} // namespace

std::string lowerCase(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

void parseBody(HttpRequest& request) {
    if (request.body.empty())
        return;
    const std::string type = lowerCase(headerOf(request.headers, "content-type"));
    if (type.find("yaml") != std::string::npos)
        request.json = firstYamlDocument(request.body);
    else if (type.empty() || type.find("json") != std::string::npos)
        request.json = parseJson(request.body);
    else if (type.starts_with(api::kProtobufMediaType)) {
        request.json = api::decodeProtobuf(request.body);
        if (request.json->has_value()) // what the pipeline quotes and checks for duplicates is JSON
            request.body = serializeJson(**request.json);
    }
}

std::string bodyTooLarge(const HttpLimits& limits) {
    return serializeJson(statusOf(
        makeError(Reason::RequestEntityTooLarge,
                  "Request entity too large: limit is " + std::to_string(limits.bodyBytesMax))));
}

std::string_view httpDate() {
    thread_local std::time_t second = -1;
    thread_local char text[40];
    thread_local std::size_t size = 0;
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != second) {
        second = now;
        std::tm parts{};
        gmtime_r(&now, &parts);
        static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const int made =
            std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                          kDays[parts.tm_wday], parts.tm_mday, kMonths[parts.tm_mon],
                          parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
        size = made > 0 ? std::min(sizeof text - 1, static_cast<std::size_t>(made)) : 0;
    }
    return {text, size};
}

} // namespace orrery::apiserver
