// Step 7 of the pipeline for LIST: one revision's objects, in key order, in pages.
#include <algorithm>

#include "core/apiserver/go_json.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"
#include "core/base/base64.h"

namespace orrery::apiserver {

namespace {
struct Page {
    Revision at = 0;        // 0: now
    std::string startAfter; // key, or ""
    std::int64_t limit = 0;
};

std::string continueToken(Revision revision, std::string_view prefix, std::string_view lastKey) {
    JsonObject token;
    token["v"] = "meta.k8s.io/v1";
    token["rv"] = revision;
    token["start"] = std::string(lastKey.substr(prefix.size())) + '\0';
    return base64Url(serializeJson(Json(std::move(token))));
}

Error badToken(const std::string& reason) {
    return badRequest("invalid continue token: continue key is not valid: " + reason);
}

Result<void> readToken(const std::string& text, std::string_view prefix, Page& page) {
    const auto bytes = fromBase64Url(withoutStrayBits(text));
    if (!bytes)
        return badToken(bytes.error().message);
    if (const std::string wrong = goSyntaxErrorOf(*bytes); !wrong.empty())
        return badToken(wrong);
    const Result<Json> token = parseJson(*bytes);
    if (!token || stringAt(*token, "v") != "meta.k8s.io/v1")
        return badToken("server does not recognize this encoded version \"" +
                        std::string(token ? stringAt(*token, "v") : std::string_view()) + "\"");
    std::string start(stringAt(*token, "start"));
    page.at = intAt(*token, "rv");
    if (page.at <= 0)
        return badToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
    if (start.empty())
        return badToken("encoded start key empty (version meta.k8s.io/v1)");
    if (start.back() == '\0')
        start.pop_back();
    page.startAfter = std::string(prefix) + start;
    return {};
}

Result<Page> pageOf(ServerCore& core, const RequestOptions& options, std::string_view prefix) {
    Page page;
    page.limit = std::max<std::int64_t>(options.limit, 0);
    const auto version = parseResourceVersion(options.resourceVersion);
    if (!version)
        return badRequest("invalid resource version: " + version.error().message);
    if (!options.continue_.empty()) {
        ORRERY_TRY(readToken(options.continue_, prefix, page));
        if (*version > 0)
            return badRequest("specifying resource version is not allowed when using continue");
        return page;
    }
    if (*version > core.store.revision())
        return tooLargeResourceVersion(*version, core.store.revision());
    // A version with a limit and nothing else has always meant exactly that version.
    const bool exact = options.resourceVersionMatch == "Exact" ||
                       (options.resourceVersionMatch.empty() && page.limit > 0);
    if (*version > 0 && exact)
        page.at = *version;
    if (options.resourceVersion == "0")
        page.limit = 0; // answered from memory, where pages make no sense
    return page;
}

// The few keys that a selection can name exactly, when it does: one object, or the pods of a node.
std::optional<std::vector<std::string>> exactKeys(const ServerCore& core,
                                                  const Selection& selection) {
    const api::KindDef& storage = *selection.storage;
    if (const auto name = selection.fields.exactly("metadata.name")) {
        std::string in = selection.namespace_;
        if (in.empty())
            in = selection.fields.exactly("metadata.namespace").value_or("");
        if (storage.scope == api::Scope::Cluster || !in.empty())
            return std::vector<std::string>{storage.key(in, *name)};
    }
    if (storage.plural == "pods" && storage.group.empty())
        if (const auto node = selection.fields.exactly("spec.nodeName")) {
            const std::set<std::string>& keys = core.pods.onNode(*node);
            return std::vector<std::string>(keys.begin(), keys.end());
        }
    return std::nullopt;
}

Result<store::ListResult> candidates(ServerCore& core, const Selection& selection, const Page& page,
                                     const std::string& prefix) {
    if (page.at == 0 && page.startAfter.empty())
        if (const auto keys = exactKeys(core, selection)) {
            store::ListResult out;
            out.revision = core.store.revision();
            for (const std::string& key : *keys)
                if (key.starts_with(prefix))
                    if (store::KeyValuePtr found = core.store.get(key))
                        out.items.push_back(std::move(found));
            return out;
        }
    auto out =
        core.store.list(prefix, page.startAfter, selection.everything() ? page.limit : 0, page.at);
    if (!out && out.error().reason == Reason::Expired)
        return expired(
            page.startAfter.empty()
                ? "The resourceVersion for the provided list is too old."
                : "The provided continue parameter is too old to display a consistent list "
                  "result. You must start a new list without the continue parameter.");
    return out;
}

// Events of events.k8s.io are stored as the core group's, which calls two of their fields
// otherwise.
std::string storedFieldNames(const std::string& selector) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"regarding.", "involvedObject."}, {"reportingController", "reportingComponent"}};
    std::string out;
    for (std::size_t i = 0; i < selector.size();) {
        const bool termBegins =
            i == 0 || (selector[i - 1] == ',' && (i < 2 || selector[i - 2] != '\\'));
        const std::string_view rest = std::string_view(selector).substr(i);
        std::size_t taken = 1;
        std::string_view written = rest.substr(0, 1);
        for (const auto& [ours, stored] : kNames)
            if (termBegins && rest.starts_with(ours)) {
                taken = ours.size();
                written = stored;
            }
        out += written;
        i += taken;
    }
    return out;
}
} // namespace

Result<Selection> selectionOf(ServerCore& core, const Call& call) {
    static_cast<void>(core);
    Selection selection;
    selection.kind = call.kind;
    selection.storage = call.storage;
    selection.keeps = call.kind->family.lock();
    if (call.kind->scope == api::Scope::Namespaced)
        selection.namespace_ = call.info.namespace_;
    ORRERY_TRY_ASSIGN(selection.labels, api::LabelFilter::parse(call.options.labelSelector));
    std::string fields = call.options.fieldSelector;
    if (!call.info.name.empty()) // the old paths of watches on one object
        fields = "metadata.name=" + call.info.name + (fields.empty() ? "" : "," + fields);
    ORRERY_TRY_ASSIGN(selection.fields, api::FieldFilter::parse(*call.kind, fields));
    if (call.kind->group != call.storage->group) {
        ORRERY_TRY_ASSIGN(selection.fields,
                          api::FieldFilter::parse(*call.storage, storedFieldNames(fields)));
    }
    return selection;
}

Result<Answer> readList(ServerCore& core, Call& call) {
    ORRERY_TRY(validateListOptions(call.options, false));
    ORRERY_TRY_ASSIGN(const Selection selection, selectionOf(core, call));
    const std::string prefix = selection.prefix();
    ORRERY_TRY_ASSIGN(const Page page, pageOf(core, call.options, prefix));
    ORRERY_TRY_ASSIGN(const store::ListResult found, candidates(core, selection, page, prefix));
    Answer answer;
    answer.list = true;
    answer.kind = call.kind;
    answer.resourceVersion = answer.awaits = page.at > 0 ? page.at : found.revision;
    std::string last;
    bool more = found.remaining > 0;
    for (const store::KeyValuePtr& item : found.items) {
        if (!selection.everything()) {
            const bool wanted = selection.matches(item->value->tree());
            if (item->modRevision <= core.watches.revision())
                item->value->dropTree();
            if (!wanted)
                continue;
        }
        answer.items.push_back(
            inVersion(item->value, *call.storage, *call.kind, item->modRevision));
        last = item->key;
        if (page.limit > 0 && static_cast<std::int64_t>(answer.items.size()) == page.limit) {
            more = more || item != found.items.back(); // whether that matches is not known yet
            break;
        }
    }
    if (more && page.limit > 0) {
        answer.continue_ = continueToken(answer.resourceVersion, prefix, last);
        if (selection.everything())
            answer.remaining = found.remaining;
    }
    return answer;
}

} // namespace orrery::apiserver
