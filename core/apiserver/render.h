// Answers as bytes: objects, lists, tables, errors. Nothing that is stored is encoded again.
#pragma once
#include "core/apiserver/call.h"
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

HttpResponse renderAnswer(const Answer& answer, const RenderContext& context);
HttpResponse renderError(const Error& error, const RenderContext& context);
// Text without ceremony: health checks, "404 page not found".
HttpResponse renderText(int code, std::string text);

// One object in the shape that was asked for, as slices. `columns`: with a table's column
// definitions.
std::vector<Slice> renderObject(const api::KindDef* kind, const EncodedPtr& object,
                                const Representation& form, const std::string& includeObject,
                                bool columns, Time now);
// The headers that every answer to a resource request has.
Headers commonHeaders(const RenderContext& context);

} // namespace orrery::apiserver
