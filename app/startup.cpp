#include "app/startup.h"

#include <memory>

#include "core/runtime/real/real_files.h"

namespace orrery::app {

Result<cluster::ClusterOptions> clusterOptions(const Options& options) {
    cluster::ClusterOptions made;
    made.dataDir = options.dataDir.empty() ? defaultDataDir() : options.dataDir;
    if (made.dataDir.empty())
        return badRequest(
            "no home folder to keep the cluster in: set HOME, or give --data-dir DIR");
    made.listenHost = options.listenHost;
    made.listenPort = options.listenPort;
    made.kubeconfigPath = options.kubeconfig.empty() ? userKubeconfigPath() : options.kubeconfig;
    made.mergeKubeconfig = options.kubeconfig.empty();
    if (made.kubeconfigPath.empty())
        return badRequest(
            "no home folder to write a kubeconfig to: set HOME, or give --kubeconfig FILE");
    for (const std::string& path : options.apply)
        if (!RealFiles().exists(path))
            return badRequest("--apply " + path + ": there is no such file or folder");
    made.simulatedNodes = options.simulatedNodes;
    made.instant = options.instant;
    return made;
}

std::string describeApplied(const cluster::Applied& row) {
    static constexpr const char* kWords[] = {"created", "configured", "unchanged", "failed"};
    std::string text = row.kind + "/" + row.name;
    if (!row.namespace_.empty() && row.namespace_ != "default")
        text += " in " + row.namespace_;
    text += std::string(" ") + kWords[static_cast<int>(row.what)];
    if (row.what == cluster::Applied::What::Failed)
        text = row.file + ":" + std::to_string(row.line) + ": " + text + ": " + row.message;
    return text;
}

namespace {
bool isManifest(const std::string& name) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

struct ApplyRun : std::enable_shared_from_this<ApplyRun> {
    Env& env;
    cluster::Cluster& cluster;
    std::vector<std::string> files; // the next one last
    std::function<void(const std::string&, bool)> report;
    std::function<void()> done;

    ApplyRun(Env& e, cluster::Cluster& c) : env(e), cluster(c) {}

    void next() {
        if (files.empty())
            return done();
        const std::string file = std::move(files.back());
        files.pop_back();
        Result<std::string> text = env.files.read(file);
        if (!text) {
            report(text.error().message, true);
            return next();
        }
        cluster.applyManifests(file, *text, [self = shared_from_this()](auto rows) {
            if (!rows)
                self->report(rows.error().message, true);
            else
                for (const cluster::Applied& row : *rows)
                    self->report(describeApplied(row), row.what == cluster::Applied::What::Failed);
            self->next();
        });
    }
};
} // namespace

void applyFromCommandLine(Env& env, cluster::Cluster& cluster, std::vector<std::string> paths,
                          std::function<void(const std::string&, bool)> report,
                          std::function<void()> done) {
    auto run = std::make_shared<ApplyRun>(env, cluster);
    run->report = std::move(report);
    run->done = std::move(done);
    for (const std::string& path : paths) {
        if (!env.files.isDirectory(path)) {
            run->files.push_back(path);
            continue;
        }
        const Result<std::vector<std::string>> names = env.files.list(path);
        if (!names)
            run->report(names.error().message, true);
        else
            for (const std::string& name : *names)
                if (isManifest(name))
                    run->files.push_back(path + "/" + name);
    }
    std::reverse(run->files.begin(), run->files.end());
    run->next();
}

} // namespace orrery::app
