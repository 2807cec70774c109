// The client interface: how every loop, the window and the tests speak to an API server.
// Asynchronous; callbacks run on the plane thread. In the program it is a direct call into the
// pipeline (same stations, same checks, no HTTP); a guest's kubelet has one over HTTPS.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/trace/trace.h"

namespace orrery::client {

enum class PatchType : std::uint8_t { None, Json, Merge, StrategicMerge, Apply };

// Who asks. In-process loops name themselves; the server trusts a Client made for them.
struct UserInfo {
    std::string name;
    std::vector<std::string> groups;
    std::string uid;
    std::map<std::string, std::vector<std::string>> extra;
};

struct ResourcePath {
    std::string group, version, resource; // "", "v1", "pods"
    std::string namespace_;               // "" for all namespaces or cluster scope
    std::string name;                     // "" for collections
    std::string subresource;              // "status", "binding", ...
};

struct Request {
    std::string
        verb; // get list create update patch delete deletecollection (watch has its own call)
    ResourcePath path;
    std::optional<Json> body; // the object, the patch, or DeleteOptions
    PatchType patchType = PatchType::None;
    std::string fieldManager;
    std::string labelSelector, fieldSelector;
    std::string resourceVersion, resourceVersionMatch, continue_;
    std::int64_t limit = 0;
    bool dryRun = false, force = false;
    WriteCause
        cause; // because, wokenBy; the server fills actor from the client's user when it is empty
};

struct Response {
    int code = 200;
    EncodedPtr object;                // the object, or the Status of a deletion; null for lists
    std::vector<EncodedPtr> items;    // of a list
    std::int64_t resourceVersion = 0; // of the object or the list
    std::string continue_;
};
using OnResponse = std::function<void(Result<Response>)>;

struct WatchEvent {
    enum class Type : std::uint8_t { Added, Modified, Deleted, Bookmark };
    Type type;
    EncodedPtr object; // null for a bookmark
    std::int64_t revision = 0;
};

struct WatchRequest {
    ResourcePath path;
    std::string labelSelector, fieldSelector;
    std::int64_t resourceVersion = 0; // deliver what comes after it
};

class WatchHandle {
  public:
    virtual ~WatchHandle() = default; // stops; no callback afterwards
};

class Client {
  public:
    virtual ~Client() = default;
    virtual void send(Request request, OnResponse done) = 0;
    // onEvents: a batch in order, never empty. onClosed: once, when the watch ends by itself
    // (Expired: list again).
    virtual std::unique_ptr<WatchHandle>
    watch(WatchRequest request, std::function<void(std::span<const WatchEvent>)> onEvents,
          std::function<void(Error)> onClosed) = 0;
    virtual const UserInfo& user() const = 0;
};

} // namespace orrery::client
