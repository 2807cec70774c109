// Made-up batches for tests of the window: what a plane would send, without a plane.
#pragma once
#include <functional>

#include "app/bridge/batch.h"
#include "app/bridge/commands.h"

namespace orrery::tests {

// Nodes, pods, loops, revisions and kinds of a small shop.
// `loops` beyond the first 14 have Kubernetes' other names and rest.
app::BatchPtr firstBatch(int nodes = 3, int podsPerNode = 13, int loops = 14);
// Pods that were created and bound, with the loops' steps for it.
app::BatchPtr rolloutBatch(int pods, std::int64_t revision);
// The inspector's answer about a pod.
app::BatchPtr inspectionBatch(const std::string& key);

// Remembers what was asked for.
class RecordedCommands : public app::Commands {
  public:
    std::vector<std::string> calls;
    void ready() override {}
    void act(app::LoopAction action, std::string name) override {
        calls.push_back(std::string(action == app::LoopAction::Pause    ? "pause "
                                    : action == app::LoopAction::Resume ? "resume "
                                                                        : "step ") +
                        name);
    }
    void inspect(std::string key, std::int64_t from, std::int64_t to) override {
        calls.push_back("inspect " + key + " " + std::to_string(from) + " " + std::to_string(to));
    }
    void followLogs(std::string key) override { calls.push_back("followLogs " + key); }
    void watchLoop(std::string name) override { calls.push_back("watchLoop " + name); }
    void openKind(std::string id) override { calls.push_back("openKind " + id); }
    void openKeys(std::string prefix, bool open) override {
        calls.push_back((open ? "open " : "close ") + prefix);
    }
    void find(std::string text) override { calls.push_back("find " + text); }
    void apply(std::vector<std::pair<std::string, std::string>> files) override {
        calls.push_back("apply " + std::to_string(files.size()));
    }
    void addNode() override { calls.push_back("addNode"); }
};

} // namespace orrery::tests
