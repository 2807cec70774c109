#include "vmnodes/cri/simulated_runtime.h"

#include <charconv>

namespace orrery::cri {

namespace {
// How long a Job's container works when nothing else is said.
constexpr Duration kJobLeast = 2s, kJobMost = 5s;

std::string_view valueOf(const StringMap& map, std::string_view key) {
    const auto at = map.find(key);
    return at == map.end() ? std::string_view() : std::string_view(at->second);
}

// A number that depends on nothing but the text: the same image has the same size everywhere
// (FNV-1a).
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash;
}

std::string hex(std::uint64_t value) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (int i = 15; i >= 0; --i, value >>= 4)
        text[static_cast<std::size_t>(i)] = kDigits[value & 15];
    return text;
}

Error noSuch(const char* what, const std::string& id) {
    return makeError(Reason::NotFound, std::string("no such ") + what + ": " + id);
}
} // namespace

Behaviour behaviourOf(const StringMap& labels, const StringMap& annotations) {
    Behaviour behaviour;
    if (const Result<Duration> span = parseDuration(valueOf(annotations, "orrery.dev/run-for")))
        behaviour.runFor = std::max(*span, Duration::zero());
    if (const Result<Duration> span = parseDuration(valueOf(annotations, "orrery.dev/ready-after")))
        behaviour.readyAfter = std::max(*span, Duration::zero());
    const std::string_view code = valueOf(annotations, "orrery.dev/exit-code");
    std::from_chars(code.data(), code.data() + code.size(), behaviour.exitCode);
    behaviour.exitCode &= 255; // as a process' status
    behaviour.neverReady = valueOf(annotations, "orrery.dev/never-ready") == "true";
    behaviour.ofJob = labels.contains("batch.kubernetes.io/controller-uid");
    return behaviour;
}

std::string normalizedImage(const std::string& image) {
    std::string name = image;
    const std::size_t slash = name.find('/');
    const std::string first = name.substr(0, slash);
    const bool hasRegistry =
        slash != std::string::npos &&
        (first.find_first_of(".:") != std::string::npos || first == "localhost");
    if (!hasRegistry)
        name = (slash == std::string::npos ? "docker.io/library/" : "docker.io/") + name;
    const std::size_t lastSlash = name.rfind('/');
    if (name.find('@') == std::string::npos && name.find(':', lastSlash) == std::string::npos)
        name += ":latest";
    return name;
}

SimulatedRuntime::SimulatedRuntime(Env& env, bool instant,
                                   std::function<Result<std::string>()> podIP,
                                   std::function<void(const std::string&)> freeIP)
    : env_(env), instant_(instant), podIP_(std::move(podIP)), freeIP_(std::move(freeIP)) {}

SimulatedRuntime::~SimulatedRuntime() {
    for (auto& [id, container] : containers_)
        env_.executor.cancel(container.exitTimer);
}

void SimulatedRuntime::after(Duration least, Duration most, Task then) {
    if (instant_)
        return then();
    const auto span = static_cast<std::uint64_t>((most - least).count());
    const Duration wait = least + Duration(static_cast<std::int64_t>(env_.random.below(span + 1)));
    env_.executor.postAt(env_.now() + wait,
                         [alive = std::weak_ptr<bool>(alive_), then = std::move(then)] {
                             if (!alive.expired())
                                 then();
                         });
}

std::string SimulatedRuntime::newId() {
    std::string id;
    for (int i = 0; i < 4; ++i)
        id += hex(env_.random.next());
    return id;
}

void SimulatedRuntime::runPodSandbox(const PodSandboxConfig& config,
                                     std::function<void(Result<SandboxStatus>)> done) {
    after(150ms, 600ms, [this, config, done = std::move(done)] {
        Result<std::string> ip = podIP_();
        if (!ip)
            return done(ip.error());
        Sandbox sandbox{config,
                        {newId(), config.uid, *ip, true, config.attempt, env_.now()},
                        behaviourOf(config.labels, config.annotations)};
        const SandboxStatus status = sandbox.status;
        sandboxes_.emplace(status.id, std::move(sandbox));
        done(status);
    });
}

void SimulatedRuntime::stopPodSandbox(const std::string& id,
                                      std::function<void(Result<void>)> done) {
    const auto at = sandboxes_.find(id);
    if (at == sandboxes_.end())
        return done({}); // stopping is idempotent in CRI
    if (at->second.status.ready)
        freeIP_(at->second.status.ip);
    at->second.status.ready = false;
    after(20ms, 100ms, [done = std::move(done)] { done({}); });
}

void SimulatedRuntime::removePodSandbox(const std::string& id,
                                        std::function<void(Result<void>)> done) {
    if (const auto at = sandboxes_.find(id); at != sandboxes_.end()) {
        if (at->second.status.ready)
            freeIP_(at->second.status.ip);
        sandboxes_.erase(at);
    }
    done({});
}

void SimulatedRuntime::createContainer(const std::string& sandboxId, const ContainerConfig& config,
                                       std::function<void(Result<std::string>)> done) {
    after(20ms, 80ms, [this, sandboxId, config, done = std::move(done)] {
        const auto sandbox = sandboxes_.find(sandboxId);
        if (sandbox == sandboxes_.end() || !sandbox->second.status.ready)
            return done(noSuch("sandbox", sandboxId));
        const auto image = images_.find(normalizedImage(config.image));
        if (image == images_.end())
            return done(noSuch("image", config.image));
        Container container;
        container.status.id = newId();
        container.status.sandboxId = sandboxId;
        container.status.podUid = sandbox->second.config.uid;
        container.status.name = config.name;
        container.status.image = image->second.ref;
        container.status.imageRef = image->second.id;
        container.status.attempt = config.attempt;
        container.status.createdAt = env_.now();
        const std::string id = container.status.id;
        containers_.emplace(id, std::move(container));
        done(id);
    });
}

void SimulatedRuntime::planExit(Container& container, const Behaviour& behaviour,
                                Duration already) {
    std::optional<Duration> run = behaviour.runFor;
    if (!run && behaviour.ofJob && instant_)
        run = Duration::zero();
    if (!run && behaviour.ofJob)
        run = kJobLeast + Duration(static_cast<std::int64_t>(env_.random.below(
                              static_cast<std::uint64_t>((kJobMost - kJobLeast).count()))));
    if (!run)
        return;
    const std::string id = container.status.id;
    const int code = behaviour.exitCode;
    container.exitTimer =
        env_.executor.postAt(env_.now() + std::max(*run - already, Duration::zero()),
                             [this, id, code, alive = std::weak_ptr<bool>(alive_)] {
                                 if (!alive.expired())
                                     exited(id, code, code == 0 ? "Completed" : "Error");
                             });
}

void SimulatedRuntime::startContainer(const std::string& id,
                                      std::function<void(Result<void>)> done) {
    after(30ms, 150ms, [this, id, done = std::move(done)] {
        const auto at = containers_.find(id);
        if (at == containers_.end())
            return done(noSuch("container", id));
        at->second.status.state = ContainerState::Running;
        at->second.status.startedAt = env_.now();
        if (const auto sandbox = sandboxes_.find(at->second.status.sandboxId);
            sandbox != sandboxes_.end())
            planExit(at->second, sandbox->second.behaviour, Duration::zero());
        done({});
    });
}

void SimulatedRuntime::exited(const std::string& id, int exitCode, const std::string& reason) {
    const auto at = containers_.find(id);
    if (at == containers_.end() || at->second.status.state == ContainerState::Exited)
        return;
    ContainerStatus& status = at->second.status;
    env_.executor.cancel(std::exchange(at->second.exitTimer, 0));
    status.state = ContainerState::Exited;
    status.finishedAt = env_.now();
    status.exitCode = exitCode;
    status.reason = reason;
    if (onContainerExited)
        onContainerExited(ContainerStatus(status)); // a copy: the listener may remove the container
}

void SimulatedRuntime::stopContainer(const std::string& id, Duration grace,
                                     std::function<void(Result<void>)> done) {
    const auto at = containers_.find(id);
    if (at == containers_.end() || at->second.status.state != ContainerState::Running)
        return done({});
    // A well-behaved server: it ends soon after SIGTERM, unless there is no time even for that.
    const Duration most = std::min<Duration>(900ms, grace);
    const bool killed = grace <= Duration::zero() && !instant_;
    after(std::min<Duration>(100ms, most), most, [this, id, killed, done = std::move(done)] {
        exited(id, killed ? 137 : 0, killed ? "Error" : "Completed");
        done({});
    });
}

void SimulatedRuntime::removeContainer(const std::string& id,
                                       std::function<void(Result<void>)> done) {
    if (const auto at = containers_.find(id); at != containers_.end()) {
        env_.executor.cancel(at->second.exitTimer);
        containers_.erase(at);
    }
    done({});
}

void SimulatedRuntime::containerStatus(const std::string& id,
                                       std::function<void(Result<ContainerStatus>)> done) {
    const auto at = containers_.find(id);
    if (at == containers_.end())
        return done(noSuch("container", id));
    done(at->second.status);
}

void SimulatedRuntime::imageStatus(const std::string& image,
                                   std::function<void(Result<std::optional<Image>>)> done) {
    const std::string name = normalizedImage(image);
    if (instant_ && !images_.contains(name)) // instant: every image is there already
        return pullImage(image, [done = std::move(done)](Result<Image> pulled) {
            done(pulled ? Result<std::optional<Image>>(std::optional(std::move(*pulled)))
                        : Result<std::optional<Image>>(pulled.error()));
        });
    const auto at = images_.find(name);
    done(at == images_.end() ? std::nullopt : std::optional(at->second));
}

void SimulatedRuntime::pullImage(const std::string& image,
                                 std::function<void(Result<Image>)> done) {
    const std::string name = normalizedImage(image);
    const std::uint64_t hash = hashOf(name);
    const std::int64_t size = 5'000'000 + static_cast<std::int64_t>(hash % 95'000'000);
    // 40 MB a second, and a second look at what is there already takes less.
    const Duration whole = images_.contains(name) ? Duration(150ms) : Duration(size * 25);
    after(300ms, 300ms + whole, [this, name, size, hash, done = std::move(done)] {
        std::string digest;
        for (std::uint64_t i = 0; i < 4; ++i)
            digest += hex(hashOf(name + std::to_string(hash + i)));
        const std::string repository = name.substr(0, name.find('@')).substr(0, name.rfind(':'));
        Image& stored = images_[name];
        stored = {name, repository + "@sha256:" + digest, size};
        done(stored);
    });
}

std::vector<Image> SimulatedRuntime::images() const {
    std::vector<Image> all;
    for (const auto& [name, image] : images_)
        all.push_back(image);
    return all;
}

Runtime::ProbeResult SimulatedRuntime::probe(const std::string& containerId, ProbeKind kind) {
    const auto at = containers_.find(containerId);
    if (at == containers_.end() || at->second.status.state != ContainerState::Running)
        return {false, "the container is not running", false, std::nullopt};
    const auto sandbox = sandboxes_.find(at->second.status.sandboxId);
    if (kind != ProbeKind::Readiness || sandbox == sandboxes_.end())
        return {true, "", true, std::nullopt};
    const Behaviour& behaviour = sandbox->second.behaviour;
    if (behaviour.neverReady)
        return {false, "orrery.dev/never-ready is true", true, std::nullopt};
    const Time readyAt = at->second.status.startedAt + behaviour.readyAfter;
    if (env_.now() < readyAt)
        return {false, "orrery.dev/ready-after has not passed", true, readyAt};
    return {true, "", true, std::nullopt};
}

bool SimulatedRuntime::resume(const PodSandboxConfig& config, const SandboxStatus& sandbox,
                              const std::vector<ContainerStatus>& containers) {
    const Behaviour behaviour = behaviourOf(config.labels, config.annotations);
    sandboxes_[sandbox.id] = {config, sandbox, behaviour};
    for (const ContainerStatus& status : containers) {
        images_[status.image] = {status.image, status.imageRef, 0};
        Container& container = containers_[status.id];
        container.status = status;
        if (status.state == ContainerState::Running)
            planExit(container, behaviour, env_.now() - status.startedAt);
    }
    return true;
}

} // namespace orrery::cri
