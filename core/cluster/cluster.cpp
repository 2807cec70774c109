#include "core/cluster/cluster.h"

#include "core/apiserver/server.h"
#include "core/auth/authenticators.h"
#include "core/auth/node_authorizer.h"
#include "core/auth/rbac.h"
#include "core/client/informer.h"
#include "core/cluster/manifests.h"
#include "core/cluster/node_backend.h"
#include "core/cluster/station_log.h"
#include "core/controllers/all_controllers.h"
#include "core/pki/cluster_certificates.h"
#include "core/pki/kubeconfig.h"
#include "core/scheduler/scheduler.h"
#include "vmnodes/fleet/simulated_fleet.h"

namespace orrery::cluster {

namespace {
// A /24 for each of up to 32,768 nodes; beside the services' 10.96.0.0/12.
constexpr const char* kClusterCidr = "10.128.0.0/9";

client::UserInfo adminUser() {
    return {"kubernetes-admin", {"system:masters", "system:authenticated"}, "", {}};
}
client::UserInfo apiserverUser() {
    return {"system:apiserver", {"system:masters", "system:authenticated"}, "", {}};
}
client::UserInfo schedulerUser() {
    return {"system:kube-scheduler", {"system:authenticated"}, "", {}};
}

client::UserInfo controllerUser(const std::string& name) {
    if (name.starts_with("system:"))
        return {name, {"system:masters", "system:authenticated"}, "", {}};
    return {
        "system:serviceaccount:kube-system:" + name,
        {"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"},
        "",
        {}};
}

client::UserInfo nodeUser(const std::string& name) {
    return {"system:node:" + name, {"system:nodes", "system:authenticated"}, "", {}};
}

// What is taken from the outside before anything of the cluster runs; gone again when a later step
// fails.
struct Ground {
    std::unique_ptr<ListenSocket> socket;
    std::unique_ptr<FileLock> lock;
    std::unique_ptr<store::Store> store;
    pki::ClusterCertificates certificates;
};

// Before anything is made: can the kubeconfig be written at the end, and read when it shall keep
// what it has? Its folder may be made then.
Result<void> checkKubeconfig(Env& env, const std::string& path, bool merge) {
    if (merge && !path.empty())
        ORRERY_TRY(pki::readKubeconfig(env, path));
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
    if (path.empty() || (!folder.empty() && !env.files.exists(folder)))
        return {};
    const bool wasThere = env.files.exists(path);
    if (Result<std::unique_ptr<WritableFile>> opened = env.files.openAppend(path); !opened)
        return badRequest("the kubeconfig can't be written: " + opened.error().message +
                          "; choose another with --kubeconfig FILE");
    return wasThere ? Result<void>() : env.files.remove(path);
}

Result<Ground> prepare(Env& env, const ClusterOptions& options) {
    Ground ground;
    ORRERY_TRY(checkKubeconfig(env, options.kubeconfigPath, options.mergeKubeconfig));
    if (options.serve) {
        ORRERY_TRY_ASSIGN(ground.socket,
                          env.network.listen(options.listenHost, options.listenPort));
    }
    store::StoreOptions storeOptions;
    if (!options.dataDir.empty()) {
        ORRERY_TRY(env.files.makeFolders(options.dataDir));
        Result<std::unique_ptr<FileLock>> lock = env.files.lock(options.dataDir + "/lock");
        if (!lock && lock.error().reason == Reason::Conflict)
            return makeError(Reason::Conflict,
                             "another Orrery runs on " + options.dataDir +
                                 "; stop it, or give this one its own --data-dir");
        if (!lock)
            return lock.error();
        ground.lock = std::move(*lock);
        storeOptions.path = options.dataDir + "/store.db";
    }
    ORRERY_TRY_ASSIGN(ground.store, store::openStore(env, storeOptions));
    ORRERY_TRY_ASSIGN(ground.certificates,
                      pki::ensureClusterCertificates(env, options.dataDir, options.listenHost));
    return ground;
}

class RunningCluster final : public Cluster {
  public:
    RunningCluster(Env& env, ClusterOptions options, Ground ground,
                   pki::ServiceAccountTokens tokens)
        : env_(env), options_(std::move(options)), ground_(std::move(ground)),
          server_(env, *ground_.store, kinds_, serverOptions()),
          admin_(server_.clientFor(adminUser())), internal_(server_.clientFor(apiserverUser())),
          informers_(env, *internal_), schedulerClient_(server_.clientFor(schedulerUser())),
          rbac_(informers_), nodeAuthorizer_(informers_, lookup()),
          authorizers_({&nodeAuthorizer_, &rbac_}),
          authenticator_(env, authorizers_, std::move(tokens), lookup()),
          controllers_(
              env,
              [this](const std::string& name) -> client::Client& { return controllerClient(name); },
              informers_, kinds_, loops_,
              {ground_.certificates.caPem, kClusterCidr, &authenticator_.tokens()}),
          scheduler_(env, *schedulerClient_, informers_, loops_),
          fleet_(env, [this](const std::string& node) { return server_.clientFor(nodeUser(node)); },
                 informers_, loops_, {options_.instant}),
          backend_(fleet_) {}

    ~RunningCluster() override { alive_.reset(); }

    void begin(std::function<void(Result<void>)> ready) {
        server_.setAuthenticator(&authenticator_);
        server_.setServiceAccountTokens(&authenticator_.tokens());
        server_.setAuthorizer(&authorizers_);
        server_.setNodeBackend(&backend_);
        if (options_.stations)
            serveStations(*options_.stations);
        server_.ensureBootstrap(
            [this, alive = std::weak_ptr<bool>(alive_), ready](Result<void> made) {
                if (alive.expired())
                    return;
                if (!made)
                    return ready(made.error());
                ready(openForBusiness());
            });
    }

    Result<void> openForBusiness() {
        controllers_.start();
        informers_.start();
        fleet_.ensureNodes(options_.simulatedNodes);
        if (!ground_.socket)
            return {};
        const int port = ground_.socket->port();
        const pki::ClusterCertificates& certificates = ground_.certificates;
        url_ = "https://" + options_.listenHost + ":" + std::to_string(port);
        ORRERY_TRY(
            server_.serve(std::move(ground_.socket),
                          {certificates.serverPem, certificates.serverKeyPem, certificates.caPem}));
        const pki::KubeconfigEntry entry{url_, certificates.caPem, certificates.adminPem,
                                         certificates.adminKeyPem};
        if (options_.kubeconfigPath.empty())
            return {};
        return options_.mergeKubeconfig
                   ? pki::mergeKubeconfig(env_, options_.kubeconfigPath, entry)
                   : pki::writeKubeconfig(env_, options_.kubeconfigPath, entry);
    }

    client::Client& client() override { return *admin_; }
    apiserver::ApiServer& server() override { return server_; }
    store::Store& store() override { return *ground_.store; }
    api::KindRegistry& kinds() override { return kinds_; }
    LoopBoard& loops() override { return loops_; }
    client::InformerFactory& informers() override { return informers_; }
    scheduler::Scheduler& scheduler() override { return scheduler_; }
    fleet::SimulatedFleet& fleet() override { return fleet_; }
    std::string serverUrl() const override { return url_; }
    std::string kubeconfigPath() const override { return options_.kubeconfigPath; }

    void applyManifests(std::string file, std::string text,
                        std::function<void(Result<std::vector<Applied>>)> done) override {
        Result<std::vector<Manifest>> manifests = readManifests(kinds_, file, text);
        if (!manifests)
            return done(manifests.error());
        applyAll(*admin_, std::move(file), std::move(*manifests),
                 [done = std::move(done)](std::vector<Applied> rows) { done(std::move(rows)); });
    }

    void stop(std::function<void()> done) override {
        fleet_.stop();
        server_.stop([this, alive = std::weak_ptr<bool>(alive_), done = std::move(done)] {
            if (alive.expired())
                return;
            // Everything that was accepted is on disk before the file is closed.
            ground_.store->whenDurable(
                ground_.store->revision(), [this, done](Result<void> written) {
                    if (!written)
                        logLine(LogLevel::Error, "store",
                                "the last writes are lost: " + written.error().message);
                    ground_.store->close();
                    done();
                });
        });
    }

  private:
    // GET /orrery/v1/stations?namespace=default&name=web
    void serveStations(const StationLog& log) {
        const api::KindDef* pods = kinds_.byResource("", "v1", "pods");
        ORRERY_ASSERT(pods != nullptr);
        server_.addNonResourcePath(
            "/orrery/v1/stations",
            [&log, pods](const apiserver::NonResourceRequest& request, auto answer) {
                std::string namespace_ = "default", name;
                for (const auto& [key, value] : request.query)
                    if (key == "namespace" || key == "name")
                        (key == "name" ? name : namespace_) = value;
                answer({200, "application/json",
                        serializeJson(stationsJson(log, pods->key(namespace_, name)))});
            });
    }

    apiserver::ServerOptions serverOptions() const {
        apiserver::ServerOptions made;
        made.advertiseAddress = options_.listenHost;
        if (ground_.socket)
            made.advertisePort = ground_.socket->port();
        return made;
    }

    auth::ObjectLookup lookup() {
        return [this](const api::GroupResource& resource, const std::string& namespace_,
                      const std::string& name) {
            const api::KindDef* kind = nullptr;
            for (const api::KindDef* candidate : kinds_.all())
                if (candidate->group == resource.group && candidate->plural == resource.resource) {
                    kind = candidate;
                    break;
                }
            const store::KeyValuePtr found =
                kind ? ground_.store->get(kind->key(namespace_, name)) : nullptr;
            return found ? found->value : nullptr;
        };
    }

    client::Client& controllerClient(const std::string& name) {
        std::unique_ptr<client::Client>& slot = controllerClients_[name];
        if (!slot)
            slot = server_.clientFor(controllerUser(name));
        return *slot;
    }

    // In the order of their dependence: what stands below uses what stands above.
    Env& env_;
    ClusterOptions options_;
    Ground ground_;
    api::KindRegistry kinds_;
    LoopBoard loops_;
    std::string url_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    apiserver::ApiServer server_;
    std::unique_ptr<client::Client> admin_, internal_;
    std::map<std::string, std::unique_ptr<client::Client>> controllerClients_;
    client::InformerFactory informers_;
    std::unique_ptr<client::Client> schedulerClient_;
    auth::RbacAuthorizer rbac_;
    auth::NodeAuthorizer nodeAuthorizer_;
    auth::AuthorizerChain authorizers_;
    auth::StandardAuthenticator authenticator_;
    controllers::ControllerSet controllers_;
    scheduler::Scheduler scheduler_;
    fleet::SimulatedFleet fleet_;
    FleetBackend backend_;
};
} // namespace

Result<std::unique_ptr<Cluster>> Cluster::start(Env& env, ClusterOptions options,
                                                std::function<void(Result<void>)> ready) {
    ORRERY_TRY_ASSIGN(Ground ground, prepare(env, options));
    ORRERY_TRY_ASSIGN(pki::ServiceAccountTokens tokens,
                      pki::ServiceAccountTokens::load(ground.certificates.serviceAccountKeyPem,
                                                      ground.certificates.keySource));
    auto cluster = std::make_unique<RunningCluster>(env, std::move(options), std::move(ground),
                                                    std::move(tokens));
    cluster->begin(std::move(ready));
    return std::unique_ptr<Cluster>(std::move(cluster));
}

} // namespace orrery::cluster
