// The cluster on its own thread, for a program that has other things to do. The window never waits
// for it, and it never waits for the window.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/bridge/commands.h"
#include "app/plane/collector.h"
#include "core/cluster/cluster.h"
#include "core/runtime/real/real_env.h"

namespace orrery::app {

class PlaneThread final : public Commands {
  public:
    // `deliver` is called on the plane thread with each batch.
    explicit PlaneThread(Collector::Deliver deliver);
    ~PlaneThread() override; // stops, and waits for it

    // A failure comes as a batch with `failure` set. `apply`: files and folders to apply after the
    // start.
    void start(cluster::ClusterOptions options, std::vector<std::string> apply);
    // Any thread. `done` runs on the plane thread when everything is written and closed; once.
    void stop(std::function<void()> done);

    void ready() override;
    void act(LoopAction action, std::string name) override;
    void inspect(std::string key, std::int64_t from, std::int64_t to) override;
    void followLogs(std::string key) override;
    void watchLoop(std::string name) override;
    void openKind(std::string id) override;
    void openKeys(std::string prefix, bool open) override;
    void find(std::string text) override;
    void apply(std::vector<std::pair<std::string, std::string>> files) override;
    void addNode() override;

  private:
    void begin(cluster::ClusterOptions options, std::vector<std::string> apply);
    void onReady(const Result<void>& result, const cluster::ClusterOptions& options,
                 const std::vector<std::string>& apply);
    void fail(const std::string& why);
    void post(Task task) { env_.env().executor.post(std::move(task)); }

    Collector::Deliver deliver_;
    Collector collector_;
    RealEnv env_;
    std::unique_ptr<cluster::Cluster> cluster_; // plane thread
    bool stopping_ = false;                     // plane thread
};

} // namespace orrery::app
