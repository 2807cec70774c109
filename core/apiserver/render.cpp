#include "core/apiserver/render.h"

#include "core/api/protobuf.h"
#include "core/api/tables.h"
#include "core/apiserver/pretty_json.h"
#include "core/apiserver/status.h"
#include "core/base/yaml.h"

namespace orrery::apiserver {

namespace {
using Media = Representation::Media;
using Shape = Representation::Shape;

std::string quotedWarning(const std::string& text) {
    std::string out = "299 - \"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.push_back('\\');
        out.push_back(c == '\n' || c == '\r' ? ' ' : c);
    }
    return out + "\"";
}

api::IncludeObject includeOf(const std::string& includeObject) {
    return includeObject == "None"     ? api::IncludeObject::None
           : includeObject == "Object" ? api::IncludeObject::Object
                                       : api::IncludeObject::Metadata;
}

Forms::Wish wishOf(const Representation& form, const std::string& includeObject, bool columns) {
    return {form.media, form.shape, form.metaVersion != "v1", includeOf(includeObject), columns};
}

// What ends a document: JSON's with a line, as Go's encoder writes them, but not when indented.
void finishBody(HttpResponse& response, const Representation& form, bool lineEnded) {
    if (form.media != Media::Json)
        return;
    if (form.pretty)
        response.body = {Slice::own(prettyJson(response.body))};
    else if (!lineEnded)
        response.body.push_back(Slice::constant("\n"));
}

Json listMetadata(const Answer& answer, bool custom = false) {
    JsonObject metadata;
    metadata["resourceVersion"] = std::to_string(answer.resourceVersion);
    if (!answer.continue_.empty() || custom) // lists of custom resources always say it
        metadata["continue"] = answer.continue_;
    if (answer.remaining)
        metadata["remainingItemCount"] = *answer.remaining;
    return metadata;
}

// {"kind":"PodList","apiVersion":"v1","metadata":{...},"items":
std::string listHead(const Answer& answer, const std::string& kind, const std::string& apiVersion,
                     bool custom = false) {
    return "{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + apiVersion +
           "\",\"metadata\":" + serializeJson(listMetadata(answer, custom)) + ",\"items\":";
}

// Items of built-in kinds are sent without their kind and apiVersion: the beginning of the stored
// bytes is left out.
void appendItem(std::vector<Slice>& out, const std::string& head, const EncodedPtr& item,
                bool first) {
    if (head.empty()) { // custom resources keep theirs
        if (!first)
            out.push_back(Slice::constant(","));
        out.push_back(Slice::of(item));
        return;
    }
    if (!item->bytes().starts_with(head)) { // written by other hands than ours
        Json tree = item->tree();
        if (tree.is_object()) {
            tree.get_object().erase("kind");
            tree.get_object().erase("apiVersion");
        }
        out.push_back(Slice::own((first ? "" : ",") + serializeJson(tree)));
        return;
    }
    out.push_back(Slice::constant(first ? "{" : ",{"));
    out.push_back(Slice::of(item, head.size()));
}

std::vector<Slice> plainList(const Answer& answer) {
    std::vector<Slice> out;
    out.reserve(answer.items.size() * 2 + 2);
    out.push_back(Slice::own(
        listHead(answer, answer.kind->listKind, answer.kind->apiVersion(), answer.kind->custom) +
        "["));
    const std::string head = answer.kind->custom ? "" : storedHead(*answer.kind);
    bool first = true;
    for (const EncodedPtr& item : answer.items) {
        appendItem(out, head, item, first);
        first = false;
    }
    out.push_back(Slice::constant("]}\n"));
    return out;
}

std::vector<Slice> partialList(const Answer& answer, const Representation& form) {
    std::string text =
        listHead(answer, "PartialObjectMetadataList", "meta.k8s.io/" + form.metaVersion);
    if (answer.items.empty())
        return {Slice::own(text + "null}\n")};
    char separator = '[';
    for (const EncodedPtr& item : answer.items) {
        text.push_back(separator);
        text += serializeJson(api::partialMetadata(item->tree(), form.metaVersion));
        item->dropTree();
        separator = ',';
    }
    return {Slice::own(text + "]}\n")};
}

Result<std::vector<Slice>> tableList(const Answer& answer, const RenderContext& context) {
    api::TableOptions options;
    options.version = context.form.metaVersion;
    options.include = includeOf(context.options.includeObject);
    options.resourceVersion = std::to_string(answer.resourceVersion);
    options.continue_ = answer.continue_;
    options.remainingItemCount = answer.remaining;
    const Json table = api::tableFor(*answer.kind, answer.items, options, context.now);
    for (const EncodedPtr& item : answer.items)
        item->dropTree();
    ORRERY_TRY_ASSIGN(std::string text, encodeTree(table, context.form.media));
    return std::vector<Slice>{Slice::own(std::move(text))};
}

// Items are shared with the watches that follow a list; of a list that would push everything else
// out of the shared forms nothing is kept.
Result<std::vector<Slice>> protobufList(Forms& forms, const Answer& answer,
                                        const RenderContext& context) {
    constexpr std::size_t kSharedItemsMax = 2000;
    const bool partial = context.form.shape != Shape::Plain;
    api::ProtobufList list(partial ? "meta.k8s.io/" + context.form.metaVersion
                                   : answer.kind->apiVersion(),
                           partial ? "PartialObjectMetadataList" : answer.kind->listKind);
    const Forms::Wish wish = wishOf(context.form, "", true);
    std::vector<Slice> out(1);
    out.reserve(answer.items.size() * 2 + 2);
    for (const EncodedPtr& item : answer.items) {
        ORRERY_TRY_ASSIGN(Forms::FormPtr form,
                          answer.items.size() <= kSharedItemsMax
                              ? forms.of(*answer.kind, item, wish, context.now)
                              : forms.once(*answer.kind, item, wish, context.now));
        item->dropTree();
        out.push_back(Slice::own(list.itemHead(form->messageSize)));
        out.push_back(messageSliceOf(form));
    }
    ORRERY_TRY_ASSIGN(std::string head, list.head(listMetadata(answer)));
    out.front() = Slice::own(std::move(head));
    out.push_back(Slice::constant(api::ProtobufList::tail()));
    return out;
}

Result<std::vector<Slice>> asYaml(const std::vector<Slice>& slices) {
    std::string text;
    for (const Slice& slice : slices)
        text += slice.bytes;
    ORRERY_TRY_ASSIGN(const Json tree, parseJson(text));
    return std::vector<Slice>{Slice::own(emitYaml(tree))};
}

Result<std::vector<Slice>> renderList(Forms& forms, const Answer& answer,
                                      const RenderContext& context) {
    if (context.form.shape == Shape::Table)
        return tableList(answer, context);
    if (context.form.media == Media::Protobuf)
        return protobufList(forms, answer, context);
    std::vector<Slice> out =
        context.form.shape == Shape::Plain ? plainList(answer) : partialList(answer, context.form);
    if (context.form.media == Media::Yaml)
        return asYaml(out);
    return out;
}

Result<std::vector<Slice>> renderOne(Forms& forms, const Answer& answer,
                                     const RenderContext& context) {
    const Representation& form = context.form;
    if (answer.kind)
        return renderObject(forms, *answer.kind, answer.object, form, context.options.includeObject,
                            true, context.now);
    if (form.media == Media::Json)
        return std::vector<Slice>{Slice::of(answer.object)};
    ORRERY_TRY_ASSIGN(std::string text, encodeTree(answer.object->tree(), form.media));
    return std::vector<Slice>{Slice::own(std::move(text))};
}

// "*core.PodList": what Go calls the type, as refusals name it.
std::string goTypeOf(const api::KindDef& kind, bool list) {
    if (kind.custom)
        return list ? "*unstructured.UnstructuredList" : "*unstructured.Unstructured";
    const std::string& group = kind.storageGroup;
    return "*" + (group.empty() ? "core" : group.substr(0, group.find('.'))) + "." +
           (list ? kind.listKind : kind.kind);
}

// Metadata of one object and of a list are two forms, and a Status has neither.
Result<void> checkShape(const Answer& answer, const RenderContext& context) {
    if (!answer.kind)
        return {};
    const auto refuse = [&](const char* asked, const char* is) {
        return makeError(Reason::NotAcceptable, std::string("you requested ") + asked +
                                                    ", but the requested object is " + is + " (" +
                                                    goTypeOf(*answer.kind, answer.list) + ")");
    };
    if (context.form.shape == Shape::Partial && answer.list)
        return refuse("PartialObjectMetadata", "a list");
    if (context.form.shape == Shape::PartialList && !answer.list)
        return refuse("PartialObjectMetadataList", "not a list");
    return checkTableOptions(context.form, context.options);
}

Result<std::vector<Slice>> renderBody(Forms& forms, const Answer& answer,
                                      const RenderContext& context) {
    ORRERY_TRY(checkShape(answer, context));
    if (answer.list)
        return renderList(forms, answer, context);
    if (!answer.object)
        return std::vector<Slice>();
    return renderOne(forms, answer, context);
}
} // namespace

Result<std::string> encodeTree(const Json& tree, Media media) {
    if (media == Media::Protobuf) {
        ORRERY_TRY_ASSIGN(api::ProtobufForm form, api::encodeProtobuf(tree));
        return std::move(form.bytes);
    }
    return media == Media::Yaml ? emitYaml(tree) : serializeJson(tree);
}

Result<void> checkTableOptions(const Representation& form, const RequestOptions& options) {
    const std::string& include = options.includeObject;
    if (form.shape != Shape::Table || include.empty() || include == "Metadata" ||
        include == "Object" || include == "None")
        return {};
    return badRequest("Unable to convert to Table as requested: includeObject: Invalid value: \"" +
                      include + "\": must be 'Metadata', 'Object', 'None', or empty");
}

Headers commonHeaders(const RenderContext& context, std::string contentType) {
    Headers headers;
    headers.emplace_back("Audit-Id", context.auditId);
    headers.emplace_back("Cache-Control", "no-cache, private");
    headers.emplace_back("Content-Type", std::move(contentType));
    for (const std::string& warning : context.warnings)
        headers.emplace_back("Warning", quotedWarning(warning));
    return headers;
}

Result<std::vector<Slice>> renderObject(Forms& forms, const api::KindDef& kind,
                                        const EncodedPtr& object, const Representation& form,
                                        const std::string& includeObject, bool columns, Time now) {
    if (form.media == Media::Json && form.shape == Shape::Plain)
        return std::vector<Slice>{Slice::of(object)};
    ORRERY_TRY_ASSIGN(const Forms::FormPtr made,
                      forms.of(kind, object, wishOf(form, includeObject, columns), now));
    return std::vector<Slice>{sliceOf(made)};
}

Result<HttpResponse> renderAnswer(Forms& forms, const Answer& answer,
                                  const RenderContext& context) {
    ORRERY_TRY_ASSIGN(std::vector<Slice> body, renderBody(forms, answer, context));
    HttpResponse response;
    response.code = answer.code;
    response.headers = commonHeaders(context, context.form.contentType());
    response.body = std::move(body);
    if (!response.body.empty())
        finishBody(response, context.form, answer.list && context.form.shape != Shape::Table);
    if (answer.object && (context.form.media != Media::Json || context.form.shape != Shape::Plain))
        answer.object->dropTree();
    return response;
}

Representation errorForm(std::string_view acceptHeader, bool pretty) {
    Result<Representation> form = negotiatePlain(acceptHeader);
    if (form) {
        form->pretty = form->pretty || pretty;
        return *std::move(form);
    }
    Representation readable;
    readable.pretty = true;
    return readable;
}

HttpResponse renderError(const Error& error, const RenderContext& context) {
    const Representation& form = context.form;
    Result<std::string> text = encodeTree(statusOf(error), form.media);
    ORRERY_ASSERT(text.has_value()); // a Status has every form
    HttpResponse response;
    response.code = error.httpCode();
    response.headers = commonHeaders(context, form.contentType());
    if (error.retryAfterSeconds > 0)
        response.headers.emplace_back("Retry-After", std::to_string(error.retryAfterSeconds));
    response.body = {Slice::own(std::move(*text))};
    finishBody(response, form, false);
    return response;
}

HttpResponse renderText(int code, std::string text) {
    HttpResponse response;
    response.code = code;
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.body.push_back(Slice::own(std::move(text)));
    return response;
}

} // namespace orrery::apiserver
