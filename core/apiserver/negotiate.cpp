#include "core/apiserver/negotiate.h"

#include <algorithm>
#include <cstdlib>

namespace orrery::apiserver {

namespace {
using Media = Representation::Media;
using Shape = Representation::Shape;

struct Offer {
    Media media;
    std::string_view subtype; // of "application"
    bool streams;
};
// In Kubernetes' order: the first is what "*/*" gets.
constexpr Offer kOffers[] = {
    {Media::Json, "json", true},
    {Media::Yaml, "yaml", false},
    {Media::Protobuf, "vnd.kubernetes.protobuf", true},
};
constexpr std::size_t kSortedByHandMax = 12;

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

std::string mediaTypes(bool streams) {
    std::string all;
    for (const Offer& offer : kOffers)
        if (!streams || offer.streams)
            all.append(all.empty() ? "" : ", ")
                .append("application/")
                .append(offer.subtype)
                .append(streams ? ";stream=watch" : "");
    return all;
}

Error noneAccepted(bool streams = false) {
    return makeError(Reason::NotAcceptable,
                     "only the following media types are accepted: " + mediaTypes(streams));
}

bool readShape(const AcceptClause::Conversion& wanted, const Offer& offer, Representation& out) {
    if (wanted.group != "meta.k8s.io" || (wanted.version != "v1" && wanted.version != "v1beta1"))
        return false;
    out.metaVersion = wanted.version;
    if (wanted.kind == "Table" && offer.media != Media::Protobuf)
        out.shape = Shape::Table;
    else if (wanted.kind == "PartialObjectMetadata")
        out.shape = Shape::Partial;
    else if (wanted.kind == "PartialObjectMetadataList")
        out.shape = Shape::PartialList;
    else
        return false;
    return true;
}

// Whether a clause takes what is offered. `endpoint` is nullptr where nothing is converted.
bool takes(const AcceptClause& clause, const Offer& offer, const Endpoint* endpoint,
           Representation& out) {
    const std::string_view stream = clause.parameter("stream");
    if (!stream.empty() && (stream != "watch" || !offer.streams))
        return false;
    const std::string_view serverVersion = clause.parameter("sv");
    if (!serverVersion.empty() && (!endpoint || serverVersion != "v1"))
        return false;
    out.media = offer.media;
    out.pretty = clause.parameter("pretty") == "1";
    if (const auto wanted = clause.conversion())
        return endpoint && readShape(*wanted, offer, out);
    return !endpoint || !endpoint->custom || offer.media != Media::Protobuf;
}

std::optional<Representation> best(std::string_view header, const Endpoint* endpoint) {
    if (header.empty())
        return Representation();
    for (const AcceptClause& clause : parseAccept(header))
        for (const Offer& offer : kOffers) {
            Representation out;
            if (clause.covers("application", offer.subtype) && takes(clause, offer, endpoint, out))
                return out;
        }
    return std::nullopt;
}

// Not an order of its own: a wildcard is after everything, whatever the weights say.
bool precedes(const AcceptClause& a, const AcceptClause& b) {
    return a.weight > b.weight || (a.type != "*" && b.type == "*") ||
           (a.subtype != "*" && b.subtype == "*");
}

void sortClauses(std::vector<AcceptClause>& clauses) {
    if (clauses.size() > kSortedByHandMax) { // nobody sends so many, and the rule is no order
        std::stable_sort(clauses.begin(), clauses.end(),
                         [](const auto& a, const auto& b) { return a.weight > b.weight; });
        return;
    }
    for (std::size_t i = 1; i < clauses.size(); ++i)
        for (std::size_t k = i; k > 0 && precedes(clauses[k], clauses[k - 1]); --k)
            std::swap(clauses[k], clauses[k - 1]);
}

void readParameters(std::string_view text, AcceptClause& clause) {
    while (!text.empty()) {
        std::string_view value = take(text, ';');
        const std::string_view name = take(value, '=');
        if (value.empty() || value.find('=') != std::string_view::npos)
            continue;
        if (name == "q")
            clause.weight = std::atof(std::string(value).c_str());
        else
            clause.parameters.emplace_back(name, trimmed(value));
    }
}
} // namespace

std::string Representation::contentType() const {
    for (const Offer& offer : kOffers)
        if (offer.media == media)
            return "application/" + std::string(offer.subtype);
    ORRERY_ASSERT(!"a medium that is not offered");
    return {};
}

std::string Representation::streamContentType() const {
    return contentType() + (media == Media::Json ? "" : ";stream=watch");
}

bool AcceptClause::covers(std::string_view type_, std::string_view subtype_) const {
    return (type == type_ && (subtype == subtype_ || subtype == "*")) ||
           (type == "*" && subtype == "*");
}

std::string_view AcceptClause::parameter(std::string_view name) const {
    for (auto each = parameters.rbegin(); each != parameters.rend(); ++each)
        if (each->first == name)
            return each->second;
    return {};
}

std::optional<AcceptClause::Conversion> AcceptClause::conversion() const {
    const bool asked = std::any_of(parameters.begin(), parameters.end(), [](const auto& each) {
        return each.first == "as" || each.first == "g" || each.first == "v";
    });
    if (!asked)
        return std::nullopt;
    return Conversion{parameter("g"), parameter("v"), parameter("as")};
}

std::vector<AcceptClause> parseAccept(std::string_view header) {
    std::vector<AcceptClause> clauses;
    while (!header.empty()) {
        std::string_view item = take(header, ',');
        std::string_view subtype = take(item, ';');
        AcceptClause clause;
        clause.type = take(subtype, '/');
        if (subtype.empty() && clause.type == "*")
            subtype = "*";
        if (subtype.empty() || subtype.find('/') != std::string_view::npos)
            continue;
        clause.subtype = trimmed(subtype);
        readParameters(item, clause);
        clauses.push_back(std::move(clause));
    }
    sortClauses(clauses);
    return clauses;
}

Result<void> checkProduced(std::string_view header, const Endpoint& endpoint) {
    if (header.empty())
        return {};
    for (std::string_view rest = header; !rest.empty();) {
        std::string_view item = take(rest, ',');
        const std::string_view type = take(item, ';');
        if (type == "*/*" || (endpoint.log && type == "text/plain"))
            return {};
        for (const Offer& offer : kOffers)
            if (type.starts_with("application/") && type.substr(12) == offer.subtype)
                return {};
    }
    std::string all = (endpoint.log ? "text/plain, " : "") + mediaTypes(false);
    if (endpoint.watchable)
        all += ", " + mediaTypes(true);
    return makeError(Reason::NotAcceptable,
                     "406: Not Acceptable\n\nAvailable representations: " + all);
}

Result<Representation> negotiate(std::string_view acceptHeader, const Endpoint& endpoint) {
    if (!endpoint.custom)
        ORRERY_TRY(checkProduced(acceptHeader, endpoint));
    if (auto found = best(acceptHeader, &endpoint))
        return *std::move(found);
    return noneAccepted();
}

Result<Representation> negotiatePlain(std::string_view acceptHeader) {
    if (auto found = best(acceptHeader, nullptr))
        return *std::move(found);
    return noneAccepted();
}

std::optional<Representation> negotiateAggregated(std::string_view acceptHeader) {
    for (const AcceptClause& clause : parseAccept(acceptHeader)) {
        const auto wanted = clause.conversion();
        if (!wanted || wanted->kind != "APIGroupDiscoveryList" || wanted->version != "v2" ||
            wanted->group != "apidiscovery.k8s.io")
            continue;
        for (const Offer& offer : kOffers)
            if (clause.covers("application", offer.subtype)) {
                Representation out;
                out.media = offer.media;
                return out;
            }
    }
    return std::nullopt;
}

Result<void> checkStreamable(const Representation& form) {
    if (form.media == Media::Yaml)
        return noneAccepted(true);
    return {};
}

bool wantsPretty(const std::string* parameter, std::string_view userAgent) {
    static constexpr std::string_view kTrue[] = {"1", "t", "T", "true", "TRUE", "True"};
    if (parameter && !parameter->empty())
        return std::find(std::begin(kTrue), std::end(kTrue), *parameter) != std::end(kTrue);
    return userAgent.starts_with("curl") || userAgent.starts_with("Wget") ||
           userAgent.starts_with("Mozilla/5.0");
}

} // namespace orrery::apiserver
