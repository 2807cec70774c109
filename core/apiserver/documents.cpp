#include "core/apiserver/documents.h"

#include <algorithm>

#include "core/base/digest.h"

namespace orrery::apiserver {

namespace {
// RFC 9110: a list of tags, each of which may be weak, or everything.
bool matchesTag(std::string_view header, std::string_view quoted) {
    while (!header.empty()) {
        const std::size_t comma = header.find(',');
        std::string_view tag = header.substr(0, comma);
        header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
        while (!tag.empty() && tag.front() == ' ')
            tag.remove_prefix(1);
        while (!tag.empty() && tag.back() == ' ')
            tag.remove_suffix(1);
        if (tag.starts_with("W/"))
            tag.remove_prefix(2);
        if (tag == "*" || tag == quoted)
            return true;
    }
    return false;
}
} // namespace

Document Documents::of(const std::string& name, const std::function<Document()>& make) {
    if (const auto at = kept_.find(name); at != kept_.end())
        return at->second;
    Document made = make();
    if (made.bytes)
        kept_.emplace(name, made);
    return made;
}

void Documents::refresh(
    const std::function<bool(const std::string& name, const Document&)>& stays) {
    std::erase_if(kept_, [&stays](const auto& each) { return !stays(each.first, each.second); });
}

Document makeDocument(std::string bytes) {
    std::string etag = hexText(sha256(bytes));
    for (char& c : etag)
        if (c >= 'a' && c <= 'f')
            c = static_cast<char>(c - 'a' + 'A');
    return {std::make_shared<const std::string>(std::move(bytes)), std::move(etag)};
}

HttpResponse documentResponse(const Document& document, std::string contentType,
                              std::string_view cacheControl, std::string_view ifNoneMatch) {
    HttpResponse response;
    response.headers.emplace_back("Cache-Control", cacheControl);
    std::string quoted = "\"" + document.etag + "\"";
    const bool known = matchesTag(ifNoneMatch, quoted);
    response.headers.emplace_back("Etag", std::move(quoted));
    response.headers.emplace_back("Vary", "Accept");
    if (known) {
        response.code = 304;
        return response;
    }
    response.headers.emplace_back("Content-Type", std::move(contentType));
    response.body.push_back({document.bytes, *document.bytes});
    return response;
}

} // namespace orrery::apiserver
