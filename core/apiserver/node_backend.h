// What the API server asks of nodes. Implemented by the fleet; the API server knows no kind of
// node.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/time.h"

namespace orrery::apiserver {

struct PodLogOptions {
    std::string nodeName, namespace_, pod, container;
    bool follow = false, previous = false, timestamps = false;
    std::optional<std::int64_t> tailLines, sinceSeconds, limitBytes;
    std::optional<Time> sinceTime;
};

// Stops the stream when destroyed.
class LogStream {
  public:
    virtual ~LogStream() = default;
};

class NodeBackend {
  public:
    virtual ~NodeBackend() = default;
    // Plane thread. onBytes: zero or more times; onEnd once (with an error's sentence, or "").
    virtual Result<std::unique_ptr<LogStream>> podLogs(PodLogOptions options,
                                                       std::function<void(std::string)> onBytes,
                                                       std::function<void(std::string)> onEnd) = 0;
    // Why exec, attach and port-forward can't be done on the node now: the sentence for the Status
    // (BadRequest).
    virtual std::string streamingRefusal(const std::string& nodeName) = 0;
};

} // namespace orrery::apiserver
