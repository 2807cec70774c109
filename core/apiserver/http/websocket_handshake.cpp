#include <openssl/evp.h>

#include <algorithm>

#include "core/apiserver/http/websocket.h"
#include "core/base/base64.h"

namespace orrery::apiserver {

namespace {
constexpr std::string_view kBearer = "base64url.bearer.authorization.k8s.io.";
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // of the RFC
constexpr std::size_t kProtocolsMax = 32;

bool equalFold(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&lower](char x, char y) { return lower(x) == lower(y); });
}

std::string acceptOf(std::string_view key) {
    const std::string text = std::string(key).append(kGuid);
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    ORRERY_ASSERT(EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha1(), nullptr) == 1);
    return base64({reinterpret_cast<const char*>(hash), size});
}

HttpResponse refusal(int code, std::string text) {
    HttpResponse response;
    response.code = code;
    if (!text.empty())
        response.body.push_back(Slice::own(std::move(text)));
    return response;
}
} // namespace

bool asksForWebSocket(const HttpRequest& request) {
    return request.upgradable && request.method == "GET" &&
           equalFold(headerOf(request.headers, "upgrade"), "websocket");
}

std::vector<std::string> offeredProtocols(const Headers& headers) {
    std::vector<std::string> protocols;
    for (const auto& [name, value] : headers) {
        if (name != "sec-websocket-protocol")
            continue;
        std::string_view rest = value;
        while (!rest.empty() && protocols.size() < kProtocolsMax) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            std::string_view one = rest.substr(0, comma);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            while (!one.empty() && (one.front() == ' ' || one.front() == '\t'))
                one.remove_prefix(1);
            while (!one.empty() && (one.back() == ' ' || one.back() == '\t'))
                one.remove_suffix(1);
            if (!one.empty())
                protocols.emplace_back(one);
        }
    }
    return protocols;
}

std::optional<Result<std::string>> takeBearerToken(std::vector<std::string>& protocols) {
    const auto found = std::find_if(protocols.begin(), protocols.end(), [](const auto& protocol) {
        return protocol.starts_with(kBearer);
    });
    if (found == protocols.end())
        return std::nullopt;
    Result<std::string> token = fromBase64Url(std::string_view(*found).substr(kBearer.size()));
    protocols.erase(found);
    const bool another = std::any_of(protocols.begin(), protocols.end(), [](const auto& protocol) {
        return protocol.starts_with(kBearer);
    });
    if (!token || token->empty() || another || protocols.empty())
        return makeError(Reason::Unauthorized, "Unauthorized");
    return token;
}

std::variant<Headers, HttpResponse> shakeHands(const HttpRequest& request,
                                               const std::vector<std::string>& protocols) {
    if (headerOf(request.headers, "sec-websocket-version") != "13") {
        HttpResponse response = refusal(400, "missing or bad WebSocket Version");
        response.headers.emplace_back("Sec-WebSocket-Version", "13");
        return response;
    }
    const std::string_view key = headerOf(request.headers, "sec-websocket-key");
    if (key.empty())
        return refusal(400, "mismatch challenge/response");
    if (headerOf(request.headers, "origin").empty())
        return refusal(403, "");
    if (protocols.size() > 1)
        return refusal(400, "");
    Headers headers{{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", acceptOf(key)}};
    if (!protocols.empty())
        headers.emplace_back("Sec-WebSocket-Protocol", protocols.front());
    return headers;
}

} // namespace orrery::apiserver
