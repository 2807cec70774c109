// One HTTP watch: the hub's events as lines of JSON, or as frames of protobuf.
#pragma once
#include <memory>

#include "core/apiserver/http_message.h"
#include "core/apiserver/negotiate.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

class WatchStream {
  public:
    // Takes the answer over; the stream lives in core.streams until it ends.
    static void start(ServerCore& core, const Call& call, Answer answer, Representation form,
                      Headers headers, HttpAnswerPtr http);
    ~WatchStream();
    // Tells the reader how far it is, when that is news.
    void bookmark();
    bool wantsBookmarks() const { return bookmarks_; }
    // Of the metric that counts open watches.
    std::string labels() const;
    // Ends the answer properly.
    void end();

  private:
    WatchStream(ServerCore& core, const Call& call, Answer& answer, Representation form);
    Result<void> subscribe(const Call& call, Selection selection);
    void onEvents(std::span<const WatchHub::Delivery> events);
    void onInitialEnd(Revision revision);
    Json bookmarkObject(Revision revision, bool initialEnd);
    void writeBookmark(Revision revision, bool initialEnd);
    // Tells the reader, and ends the answer.
    void fail(const Error& error);
    void write(std::vector<Slice> slices);
    void remove();

    ServerCore& core_;
    std::shared_ptr<const void> keeps_; // custom kinds: the family of `kind_`
    const api::KindDef& kind_;
    Representation form_;
    std::string includeObject_;
    const char* scope_; // as metrics call it
    bool bookmarks_ = false, initialEndWanted_ = false, columnsSent_ = false, removed_ = false;
    Revision told_ = 0; // newest revision that the reader knows
    TimerId timeout_ = 0;
    std::unique_ptr<HttpStream> stream_;
    std::unique_ptr<WatchHub::Subscription> subscription_;
};

} // namespace orrery::apiserver
