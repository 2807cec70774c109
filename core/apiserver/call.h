// One request on its way through the pipeline, and its answer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/admission/admission.h"
#include "core/api/kind.h"
#include "core/apiserver/node_backend.h"
#include "core/apiserver/request.h"
#include "core/apiserver/watch_hub.h"
#include "core/auth/auth.h"
#include "core/client/client.h"
#include "core/store/store.h"

namespace orrery::apiserver {

// What DELETE's body or query says.
struct DeleteOptions {
    std::optional<std::int64_t> gracePeriodSeconds;
    std::optional<std::string> uid, resourceVersion; // preconditions
    std::optional<bool> orphanDependents;
    std::string propagationPolicy; // "", Orphan, Background, Foreground
    bool dryRun = false;
};

struct Answer {
    int code = 200;
    const api::KindDef* kind = nullptr; // of `object` or of the list's items; null for a Status
    EncodedPtr object;                  // one object, in the version that was asked for
    bool list = false;
    std::vector<EncodedPtr> items;
    std::int64_t resourceVersion = 0; // of the list, or of the object
    std::string continue_;
    std::optional<std::int64_t> remaining;
    // Nobody may learn of the answer before this revision is on disk; 0: nothing to wait for.
    Revision awaits = 0;
    std::shared_ptr<const void> keeps; // custom kinds: the family of `kind`
    std::optional<Selection> watch;    // the request is a watch: what it selects
    std::optional<PodLogOptions> logs; // the request is for a pod's log
};

struct Call {
    // --- as it arrived
    RequestInfo info;
    Query query;
    RequestOptions options;
    std::string bodyText;     // as sent; "" for in-process calls
    std::optional<Json> body; // decoded JSON or YAML
    std::string bodyError;    // why there is none, when it should be YAML or protobuf
    client::PatchType patchType = client::PatchType::None;
    std::string userAgent;
    WriteCause cause;
    bool inProcess = false;
    bool trusted = false; // skips authorization
    auth::Credentials credentials;
    bool badCertificate = false;

    // --- found out on the way
    client::UserInfo user;
    const api::KindDef* kind = nullptr;    // in the version of the path
    const api::KindDef* storage = nullptr; // in the stored version
    std::string key;                       // in the store
    admission::Operation operation = admission::Operation::Connect;
    bool writes = false;             // `object` is to be stored
    store::KeyValuePtr current;      // what is stored now
    std::shared_ptr<const Json> old; // the same in the version of the path; null for creations
    Json object;                     // what shall be stored, in the version of the path
    DeleteOptions deletion;
    std::vector<std::string> warnings;
    int successCode = 200;

    bool creates() const { return writes && !current; }
    std::string_view subresource() const { return info.subresource; }
};

} // namespace orrery::apiserver
