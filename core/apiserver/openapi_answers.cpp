// /openapi/v2 and /openapi/v3.
#include "core/api/openapi.h"
#include "core/apiserver/negotiate.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/request.h"

namespace orrery::apiserver {

namespace {
constexpr std::string_view kPrivate = "no-cache, private";
constexpr std::string_view kBelow = "/openapi/v3/";

enum class Medium : std::uint8_t { Json, Protobuf };

// The best of JSON and the two names of the protobuf form of `version`; nullopt: none of them.
std::optional<Medium> mediumOf(std::string_view accept, std::string_view version) {
    const std::string proto = "com.github.proto-openapi.spec." + std::string(version);
    for (const AcceptClause& clause : parseAccept(accept.empty() ? "*/*" : accept)) {
        if (clause.covers("application", "json"))
            return Medium::Json;
        if (clause.covers("application", proto + "@v1.0+protobuf") ||
            clause.covers("application", proto + ".v1.0+protobuf"))
            return Medium::Protobuf;
    }
    return std::nullopt;
}

std::string contentTypeOf(Medium medium, std::string_view version) {
    return medium == Medium::Json ? "application/json"
                                  : "application/com.github.proto-openapi.spec." +
                                        std::string(version) + ".v1.0+protobuf";
}

// RFC 1123: "Thu, 26 Nov 2026 10:00:00 UTC".
std::string httpDate(Time time) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    char text[40];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d UTC",
                  kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

HttpResponse bare(int code, bool varies = true) {
    HttpResponse response;
    response.code = code;
    response.headers.emplace_back("Cache-Control", kPrivate);
    if (varies)
        response.headers.emplace_back("Vary", "Accept");
    return response;
}

HttpResponse index(ServerCore& core) {
    const Document document = core.documents.of(
        "v3 index", [&core] { return makeDocument(api::openApiV3Index(core.kinds)); });
    HttpResponse response = bare(200, false);
    response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.body.push_back({document.bytes, *document.bytes});
    return response;
}

HttpResponse version2(ServerCore& core, std::string_view accept, std::string_view ifNoneMatch) {
    const auto medium = mediumOf(accept, "v2");
    if (!medium)
        return bare(406);
    const bool json = *medium == Medium::Json;
    const Document document = core.documents.of(json ? "v2 json" : "v2 protobuf", [&] {
        return makeDocument(json ? api::openApiV2Json(core.kinds)
                                 : api::openApiV2Protobuf(core.kinds));
    });
    return documentResponse(document, contentTypeOf(*medium, "v2"), kPrivate, ifNoneMatch);
}

// The hash in the index's addresses stands for the document: with it, it may be kept for a year.
HttpResponse hashed(const ServerCore& core, const Document& document, const std::string& path,
                    const std::string& hash, Medium medium, std::string_view ifNoneMatch) {
    if (hash != document.etag) {
        HttpResponse moved = bare(301);
        moved.headers.emplace_back("Content-Type", contentTypeOf(medium, "v3"));
        moved.headers.emplace_back("Etag", "\"" + document.etag + "\"");
        moved.headers.emplace_back("Location",
                                   std::string(kBelow) + path + "?hash=" + document.etag);
        return moved;
    }
    HttpResponse response =
        documentResponse(document, contentTypeOf(medium, "v3"), "public, immutable", ifNoneMatch);
    response.headers.emplace_back("Expires",
                                  httpDate(core.env.now() + std::chrono::hours(24 * 365)));
    return response;
}

HttpResponse version3(ServerCore& core, const NonResourceRequest& request) {
    const std::string path = request.path.substr(kBelow.size());
    const std::string hash = api::openApiV3Hash(core.kinds, path);
    if (hash.empty())
        return bare(404, false);
    const auto medium = mediumOf(headerOf(request.headers, "accept"), "v3");
    if (!medium)
        return bare(406);
    const bool json = *medium == Medium::Json;
    const Document document =
        core.documents.of(std::string(json ? "v3 json " : "v3 protobuf ") + path, [&] {
            return Document{std::make_shared<const std::string>(
                                json ? api::openApiV3Json(core.kinds, path)
                                     : api::openApiV3Protobuf(core.kinds, path)),
                            hash};
        });
    const std::string_view ifNoneMatch = headerOf(request.headers, "if-none-match");
    if (const std::string* asked = parameter(request.query, "hash"); asked && !asked->empty())
        return hashed(core, document, path, *asked, *medium, ifNoneMatch);
    return documentResponse(document, contentTypeOf(*medium, "v3"), kPrivate, ifNoneMatch);
}
} // namespace

std::optional<HttpResponse> answerOpenApi(ServerCore& core, const NonResourceRequest& request) {
    const std::string_view ifNoneMatch = headerOf(request.headers, "if-none-match");
    if (request.path == "/openapi/v2")
        return version2(core, headerOf(request.headers, "accept"), ifNoneMatch);
    if (request.path == "/openapi/v3")
        return index(core);
    if (request.path.starts_with(kBelow))
        return version3(core, request);
    return std::nullopt;
}

void refreshDocuments(ServerCore& core) {
    core.documents.refresh([&core](const std::string& name, const Document& document) {
        if (!name.starts_with("v3 ") || name == "v3 index")
            return false;
        return api::openApiV3Hash(core.kinds, name.substr(name.rfind(' ') + 1)) == document.etag;
    });
}

} // namespace orrery::apiserver
