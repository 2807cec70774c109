// Answers as bytes: objects, lists, tables, errors. Nothing that is stored is encoded again.
#pragma once
#include "core/apiserver/call.h"
#include "core/apiserver/forms.h"
#include "core/apiserver/http_message.h"
#include "core/apiserver/negotiate.h"

namespace orrery::apiserver {

struct RenderContext {
    const Representation& form;
    const RequestOptions& options;
    const std::vector<std::string>& warnings;
    Time now;
    std::string auditId;
};

// The answer in the form of the context; an error when it has none in that form.
Result<HttpResponse> renderAnswer(Forms& forms, const Answer& answer, const RenderContext& context);
// A Status, in the medium of the context's form.
HttpResponse renderError(const Error& error, const RenderContext& context);
// The form that errors have for a caller who accepts `acceptHeader`: a Status is never a table, and
// whoever accepts nothing gets readable JSON.
Representation errorForm(std::string_view acceptHeader, bool pretty);
// Text without ceremony: health checks, "404 page not found".
HttpResponse renderText(int code, std::string text);

// One object in the shape that was asked for, as slices. `columns`: with a table's column
// definitions. Plain JSON is the object itself.
Result<std::vector<Slice>> renderObject(Forms& forms, const api::KindDef& kind,
                                        const EncodedPtr& object, const Representation& form,
                                        const std::string& includeObject, bool columns, Time now);
// A tree in that medium, without ceremony.
Result<std::string> encodeTree(const Json& tree, Representation::Media media);
// BadRequest when includeObject says what no table can hold.
Result<void> checkTableOptions(const Representation& form, const RequestOptions& options);
// The headers that every answer to a resource request has.
Headers commonHeaders(const RenderContext& context, std::string contentType);

} // namespace orrery::apiserver
