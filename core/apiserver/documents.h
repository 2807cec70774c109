// Documents about the API itself (discovery, OpenAPI): made when somebody first asks, then kept
// until the kinds change. Plane thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

struct Document {
    std::shared_ptr<const std::string> bytes; // null: there is none of that name
    std::string etag;                         // without its quotes
};

class Documents {
  public:
    // The document of that name, made by `make` when it is not there. What turns out not to exist
    // is not kept: names come from outside.
    Document of(const std::string& name, const std::function<Document()>& make);
    // Forgets all but those that `stays` names.
    void refresh(const std::function<bool(const std::string& name, const Document&)>& stays);

  private:
    std::map<std::string, Document, std::less<>> kept_;
};

// A document of those bytes; the etag is their digest.
Document makeDocument(std::string bytes);
// The answer with that document: 304 and nothing else when the caller has it already.
// `ifNoneMatch`: the request's header of that name.
HttpResponse documentResponse(const Document& document, std::string contentType,
                              std::string_view cacheControl, std::string_view ifNoneMatch);

} // namespace orrery::apiserver
