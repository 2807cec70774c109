#include "core/apiserver/in_process_client.h"

#include "core/apiserver/pipeline.h"

namespace orrery::apiserver {

namespace {
// The program that Kubernetes has for a user of its own: it becomes the field manager.
std::string programOf(const std::string& user) {
    if (user.starts_with("system:serviceaccount:kube-system:"))
        return "kube-controller-manager";
    if (user.starts_with("system:node:"))
        return "kubelet";
    constexpr std::string_view kSystem = "system:";
    if (user == "system:apiserver")
        return "kube-apiserver";
    if (user.starts_with(kSystem))
        return user.substr(kSystem.size());
    return "orrery";
}

client::Response responseOf(Answer answer) {
    client::Response out;
    out.code = answer.code;
    out.object = std::move(answer.object);
    out.items = std::move(answer.items);
    out.resourceVersion = answer.resourceVersion;
    out.continue_ = std::move(answer.continue_);
    return out;
}

class HubHandle final : public client::WatchHandle {
  public:
    struct Closing { // lives as long as a task that tells of the end
        std::function<void(Error)> onClosed;
    };
    std::shared_ptr<Closing> closing = std::make_shared<Closing>();
    std::unique_ptr<WatchHub::Subscription> subscription;
    ~HubHandle() override { closing->onClosed = nullptr; }
};

void closeLater(Env& env, const std::shared_ptr<HubHandle::Closing>& closing, Error error) {
    env.executor.post([closing, error = std::move(error)] {
        if (auto tell = std::exchange(closing->onClosed, nullptr))
            tell(error);
    });
}
} // namespace

InProcessClient::InProcessClient(ServerCore& core, client::UserInfo user, bool trusted)
    : core_(core), alive_(core.alive), user_(std::move(user)), userAgent_(programOf(user_.name)),
      trusted_(trusted) {}

Call InProcessClient::callFor(std::string verb, const client::ResourcePath& path) const {
    Call call;
    call.inProcess = true;
    call.trusted = trusted_;
    call.user = user_;
    call.userAgent = userAgent_;
    RequestInfo& info = call.info;
    info.resourceRequest = true;
    info.verb = std::move(verb);
    info.group = path.group;
    info.version = path.version;
    info.resource = path.resource;
    info.namespace_ = path.namespace_;
    info.name = path.name;
    info.subresource = path.subresource;
    return call;
}

void InProcessClient::send(client::Request request, client::OnResponse done) {
    if (!*alive_ || core_.stopping) {
        const Error error =
            makeError(Reason::ServiceUnavailable, "the API server is shutting down");
        if (*alive_)
            core_.env.executor.post([done = std::move(done), error] { done(error); });
        return;
    }
    Call call = callFor(std::move(request.verb), request.path);
    call.body = std::move(request.body);
    call.patchType = request.patchType;
    call.cause = std::move(request.cause);
    RequestOptions& options = call.options;
    options.fieldManager = std::move(request.fieldManager);
    options.labelSelector = std::move(request.labelSelector);
    options.fieldSelector = std::move(request.fieldSelector);
    options.resourceVersion = std::move(request.resourceVersion);
    options.resourceVersionMatch = std::move(request.resourceVersionMatch);
    options.continue_ = std::move(request.continue_);
    options.limit = request.limit;
    options.dryRun = request.dryRun;
    options.force = request.force;
    options.fieldValidation = api::FieldValidation::Ignore;
    auto answer = runPipeline(core_, call);
    if (!answer) {
        core_.env.executor.post(
            [done = std::move(done), error = std::move(answer.error())] { done(error); });
        return;
    }
    const Revision awaits = answer->awaits;
    auto response = std::make_shared<client::Response>(responseOf(std::move(*answer)));
    if (awaits <= core_.store.durableRevision()) {
        core_.env.executor.post([done = std::move(done), response] { done(std::move(*response)); });
        return;
    }
    core_.store.whenDurable(awaits, [done = std::move(done), response](Result<void> durable) {
        if (durable)
            done(std::move(*response));
        else
            done(std::move(durable.error()));
    });
}

std::unique_ptr<client::WatchHandle>
InProcessClient::watch(client::WatchRequest request,
                       std::function<void(std::span<const client::WatchEvent>)> onEvents,
                       std::function<void(Error)> onClosed) {
    auto handle = std::make_unique<HubHandle>();
    const auto closing = handle->closing;
    closing->onClosed = std::move(onClosed);
    if (!*alive_)
        return handle;
    Call call = callFor("watch", request.path);
    call.options.labelSelector = std::move(request.labelSelector);
    call.options.fieldSelector = std::move(request.fieldSelector);
    auto plan = runPipeline(core_, call);
    if (!plan) {
        closeLater(core_.env, closing, std::move(plan.error()));
        return handle;
    }
    WatchHub::Watcher watcher;
    watcher.onEvents = [onEvents =
                            std::move(onEvents)](std::span<const WatchHub::Delivery> events) {
        std::vector<client::WatchEvent> out;
        out.reserve(events.size());
        for (const WatchHub::Delivery& event : events)
            out.push_back({event.type, event.object, event.revision});
        onEvents(out);
    };
    watcher.onClosed = [&env = core_.env, closing](Error error) {
        closeLater(env, closing, std::move(error));
    };
    auto subscribed = core_.watches.subscribe(std::move(*plan->watch), request.resourceVersion,
                                              request.resourceVersion == 0, std::move(watcher));
    if (!subscribed)
        closeLater(core_.env, closing, std::move(subscribed.error()));
    else
        handle->subscription = std::move(*subscribed);
    return handle;
}

} // namespace orrery::apiserver
