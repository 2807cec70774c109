#include "core/apiserver/negotiate.h"

#include <algorithm>

namespace orrery::apiserver {

namespace {
std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The text before `separator`; `rest` becomes what follows it.
std::string_view take(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return trimmed(head);
}

bool isJson(std::string_view type) {
    return type == "application/json" || type == "*/*" || type == "application/*";
}
bool isKnown(std::string_view type) {
    return isJson(type) || type == "application/yaml" ||
           type == "application/vnd.kubernetes.protobuf";
}

Error notAcceptable(bool watchable) {
    std::string all = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    if (watchable)
        all += ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";
    return makeError(Reason::NotAcceptable,
                     "406: Not Acceptable\n\nAvailable representations: " + all);
}

bool readShape(const AcceptClause& clause, Representation& out) {
    if (clause.as.empty())
        return true;
    if (clause.group != "meta.k8s.io" || (clause.version != "v1" && clause.version != "v1beta1"))
        return false;
    out.metaVersion = clause.version;
    if (clause.as == "Table")
        out.shape = Representation::Shape::Table;
    else if (clause.as == "PartialObjectMetadata" || clause.as == "PartialObjectMetadataList")
        out.shape = Representation::Shape::Partial;
    else
        return false;
    return true;
}
} // namespace

std::string Representation::contentType() const {
    return media == Media::Yaml ? "application/yaml" : "application/json";
}

std::vector<AcceptClause> parseAccept(std::string_view header) {
    struct Weighed {
        AcceptClause clause;
        double weight = 1;
    };
    std::vector<Weighed> all;
    while (!header.empty()) {
        std::string_view item = take(header, ',');
        Weighed one;
        one.clause.type = take(item, ';');
        while (!item.empty()) {
            std::string_view value = take(item, ';');
            const std::string_view name = take(value, '=');
            const std::string text(trimmed(value));
            if (name == "as")
                one.clause.as = text;
            else if (name == "g")
                one.clause.group = text;
            else if (name == "v")
                one.clause.version = text;
            else if (name == "stream")
                one.clause.stream = text;
            else if (name == "q")
                one.weight = std::atof(text.c_str());
        }
        if (!one.clause.type.empty())
            all.push_back(std::move(one));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Weighed& a, const Weighed& b) { return a.weight > b.weight; });
    std::vector<AcceptClause> out;
    for (Weighed& one : all)
        out.push_back(std::move(one.clause));
    return out;
}

Result<Representation> negotiate(std::string_view acceptHeader, bool watchable) {
    const std::vector<AcceptClause> clauses = parseAccept(acceptHeader);
    if (clauses.empty())
        return Representation();
    bool known = false;
    for (const AcceptClause& clause : clauses) {
        known = known || isKnown(clause.type);
        Representation out;
        const bool json = isJson(clause.type);
        if (!json && clause.type != "application/yaml")
            continue;
        out.media = json ? Representation::Media::Json : Representation::Media::Yaml;
        if (readShape(clause, out))
            return out;
    }
    if (!known)
        return notAcceptable(watchable);
    return makeError(Reason::NotAcceptable,
                     "only the following media types are accepted: application/json, "
                     "application/yaml, application/vnd.kubernetes.protobuf");
}

} // namespace orrery::apiserver
