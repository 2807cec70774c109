// What the window asks of the plane. Every call returns at once; answers come in a later batch.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace orrery::app {

enum class LoopAction : std::uint8_t { Pause, Resume, Step };

// Qt thread.
class Commands {
  public:
    virtual ~Commands() = default;
    // The window has shown the last batch: the next may come.
    virtual void ready() = 0;
    // `name` "" means all loops.
    virtual void act(LoopAction action, std::string name) = 0;
    // Keeps Batch::inspection current for the object at this store key; "" ends it. The revisions
    // say which two versions to compare; 0: the newest and the one before it.
    virtual void inspect(std::string key, std::int64_t from, std::int64_t to) = 0;
    // Follows what a pod (by its store key) writes, in Batch::log; "" ends it.
    virtual void followLogs(std::string key) = 0;
    // Keeps Batch::loopDetail current; "" ends it.
    virtual void watchLoop(std::string name) = 0;
    // Keeps Batch::tables current for one kind ("deployments.apps"); "" ends it.
    virtual void openKind(std::string id) = 0;
    // Keeps Batch::keys current for a prefix of the store, or ends it.
    virtual void openKeys(std::string prefix, bool open) = 0;
    // Objects whose name contains `text`; answered in Batch::found.
    virtual void find(std::string text) = 0;
    // Files and their contents; answered in Batch::applied.
    virtual void apply(std::vector<std::pair<std::string, std::string>> files) = 0;
    // One more simulated node.
    virtual void addNode() = 0;
};

} // namespace orrery::app
