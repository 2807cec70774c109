#include "app/plane/plane_thread.h"

#include "app/startup.h"
#include "vmnodes/fleet/simulated_fleet.h"

namespace orrery::app {

PlaneThread::PlaneThread(Collector::Deliver deliver)
    : deliver_(deliver), collector_(std::move(deliver)), env_(collector_) {
    env_.start();
}

PlaneThread::~PlaneThread() {
    env_.runAndWait([this] {
        collector_.detach();
        cluster_.reset();
    });
    env_.stop();
}

void PlaneThread::start(cluster::ClusterOptions options, std::vector<std::string> apply) {
    post([this, options = std::move(options), apply = std::move(apply)] { begin(options, apply); });
}

void PlaneThread::begin(cluster::ClusterOptions options, std::vector<std::string> apply) {
    Result<std::unique_ptr<cluster::Cluster>> started = cluster::Cluster::start(
        env_.env(), options, [this, options, apply = std::move(apply)](Result<void> result) {
            // Not from inside start(): cluster_ must be set.
            post([this, options, apply, result] { onReady(result, options, apply); });
        });
    if (!started)
        return fail(started.error().message);
    cluster_ = std::move(*started);
}

void PlaneThread::onReady(const Result<void>& result, const cluster::ClusterOptions& options,
                          const std::vector<std::string>& apply) {
    if (stopping_ || !cluster_)
        return;
    if (!result)
        return fail(result.error().message);
    ClusterFacts facts;
    facts.serverUrl = cluster_->serverUrl();
    facts.kubeconfigPath = cluster_->kubeconfigPath();
    facts.context = "orrery";
    facts.dataFolder = options.dataDir;
    if (const Result<void> attached = collector_.attach(env_.env(), *cluster_, std::move(facts));
        !attached)
        return fail(attached.error().message);
    if (!apply.empty())
        applyFromCommandLine(
            env_.env(), *cluster_, apply,
            [](const std::string& line, bool failed) {
                logLine(failed ? LogLevel::Error : LogLevel::Info, "apply", line);
            },
            [] {});
}

void PlaneThread::fail(const std::string& why) {
    auto batch = std::make_shared<Batch>();
    batch->at = env_.env().now();
    batch->failure = why;
    deliver_(std::move(batch));
}

void PlaneThread::stop(std::function<void()> done) {
    post([this, done = std::move(done)] {
        if (stopping_)
            return;
        stopping_ = true;
        collector_.detach();
        if (!cluster_)
            return done();
        cluster_->stop([this, done] {
            // Not from inside the cluster's own call.
            post([this, done] {
                cluster_.reset();
                done();
            });
        });
    });
}

void PlaneThread::ready() {
    post([this] { collector_.windowReady(); });
}
void PlaneThread::act(LoopAction action, std::string name) {
    post([this, action, name = std::move(name)] { collector_.act(action, name); });
}
void PlaneThread::inspect(std::string key, std::int64_t from, std::int64_t to) {
    post([this, key = std::move(key), from, to] { collector_.inspect({key, from, to}); });
}
void PlaneThread::followLogs(std::string key) {
    post([this, key = std::move(key)] { collector_.followLogs(key); });
}
void PlaneThread::watchLoop(std::string name) {
    post([this, name = std::move(name)] { collector_.watchLoop(name); });
}
void PlaneThread::openKind(std::string id) {
    post([this, id = std::move(id)] { collector_.openKind(id); });
}
void PlaneThread::openKeys(std::string prefix, bool open) {
    post([this, prefix = std::move(prefix), open] { collector_.openKeys(prefix, open); });
}
void PlaneThread::find(std::string text) {
    post([this, text = std::move(text)] { collector_.find(text); });
}
void PlaneThread::apply(std::vector<std::pair<std::string, std::string>> files) {
    post([this, files = std::move(files)]() mutable { collector_.apply(std::move(files)); });
}
void PlaneThread::addNode() {
    post([this] {
        if (collector_.attached())
            cluster_->fleet().addNode();
    });
}

} // namespace orrery::app
