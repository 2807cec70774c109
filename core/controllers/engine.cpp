#include "core/controllers/engine.h"

#include <algorithm>

namespace orrery::controllers {

namespace {
constexpr int kKeysPerTask = 16; // then others on the plane thread get their turn
constexpr std::size_t kRecentMax = 50;
constexpr int kFailuresWorthALine = 8; // in a row, of one key
constexpr Duration kUnseenMax =
    300s; // as Kubernetes' expectations: longer, and something was missed

enum class Verdict : std::uint8_t { Drop, Again };

// What an error of a request means.
Verdict verdictOf(const Error& error, const std::string& verb) {
    switch (error.reason) {
    case Reason::NotFound: // what it was about is gone; for a creation: its namespace
        return Verdict::Drop;
    case Reason::Forbidden:
        for (const StatusCause& cause : error.causes)
            if (cause.reason == "NamespaceTerminating")
                return Verdict::Drop;
        return Verdict::Again;
    case Reason::Conflict:
        // A delete's precondition failed: that object is gone already.
        return verb == "delete" ? Verdict::Drop : Verdict::Again;
    default:
        return Verdict::Again;
    }
}

std::string resourceOf(const client::ResourcePath& path) {
    return path.group.empty() ? path.resource : path.resource + "." + path.group;
}

std::string replaced(std::string text, std::string_view mark, const std::string& value) {
    if (const std::size_t at = text.find(mark); at != std::string::npos)
        text.replace(at, mark.size(), value);
    return text;
}

std::string objectKey(const client::ResourcePath& path) {
    return path.namespace_.empty() ? path.name : path.namespace_ + "/" + path.name;
}

// "create pods: 3 of 3 replicas missing; patch replicasets/status: ..."; equal neighbours are
// counted.
std::string summary(const std::vector<Action>& actions) {
    std::string out;
    for (std::size_t i = 0; i < actions.size();) {
        const Action& action = actions[i];
        std::size_t same = i + 1;
        while (same < actions.size() && actions[same].because == action.because &&
               actions[same].request.verb == action.request.verb &&
               actions[same].request.path.resource == action.request.path.resource)
            ++same;
        const client::ResourcePath& path = action.request.path;
        if (!out.empty())
            out += "; ";
        out += action.request.verb + " " + path.resource;
        if (!path.subresource.empty())
            out += "/" + path.subresource;
        if (same - i > 1)
            out += " x" + std::to_string(same - i);
        else if (!path.name.empty())
            out += " " + path.name;
        if (!action.because.empty())
            out += ": " + action.because;
        i = same;
    }
    return out.empty() ? "nothing to do" : out;
}
} // namespace

struct Engine::Run {
    std::string key;
    client::Wake wake;
    Outcome outcome;
    std::vector<Action> actions; // being sent
    std::size_t unanswered = 0;  // requests
    std::size_t unseen = 0;      // writes that a cache does not show yet
    std::size_t held = 0;        // first action that waits for a probing creation (0: none)
    int failed = 0;
    std::optional<Error> firstError;
    bool afterFailureDone = false, finished = false, sending = false;
    std::int64_t step = 0; // its number, from 1
    Time unseenSince{};
};

Engine::Engine(Env& env, ControllerDef def, client::Client& client, View& view, LoopBoard& board)
    : env_(env), def_(std::move(def)), client_(client), view_(view), board_(board),
      recorder_(env, client, {def_.component, "", client::EventSource::Style::Classic, ""}),
      queue_(env, [this] { schedule(); }), wakes_(queue_, [this](const std::string& key) {
          if (env_.trace.enabled())
              trace(LoopEvent::Kind::Queued, key, "", 0);
      }) {
    board_.add(this);
}

Engine::~Engine() {
    env_.executor.cancel(giveUpTimer_);
    board_.remove(this);
}

void Engine::start() {
    def_.watch(wakes_);
    view_.whenSynced([this, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired())
            return;
        ready_ = true;
        schedule();
    });
}

// --- the loop
// ----------------------------------------------------------------------------------------------

void Engine::pause() {
    paused_ = true;
    trace(LoopEvent::Kind::Paused, "", "", 0);
}

void Engine::resume() {
    paused_ = false;
    trace(LoopEvent::Kind::Resumed, "", "", 0);
    schedule();
}

void Engine::step() {
    if (ready_)
        runOne();
}

void Engine::schedule() {
    if (scheduled_ || paused_ || !ready_ || queue_.length() == 0)
        return;
    scheduled_ = true;
    env_.executor.post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired())
            drain();
    });
}

void Engine::drain() {
    scheduled_ = false;
    for (int i = 0; i < kKeysPerTask && !paused_; ++i)
        if (!runOne())
            return;
    schedule();
}

bool Engine::runOne() {
    std::optional<client::WorkQueue::Item> item = queue_.get();
    if (!item)
        return false;
    const RunPtr run = std::make_shared<Run>();
    run->key = std::move(item->key);
    run->wake = std::move(item->wake);
    if (env_.trace.enabled())
        trace(LoopEvent::Kind::Woken, run->key, run->wake.text(), run->wake.revision);
    const Duration before = env_.clock.monotonic();
    run->outcome = def_.reconcile(run->key, env_.now());
    run->actions = std::move(run->outcome.actions);
    run->step = ++steps_;
    LoopStep step;
    step.at = env_.now();
    step.key = run->key;
    step.woken = run->wake.text();
    step.decided = summary(run->actions);
    step.revision = run->wake.revision;
    step.took = env_.clock.monotonic() - before;
    if (env_.trace.enabled())
        trace(LoopEvent::Kind::Decided, run->key, step.decided, step.revision);
    recent_.push_back(std::move(step));
    if (recent_.size() > kRecentMax)
        recent_.pop_front();
    runs_[run->key] = run;
    execute(run);
    return true;
}

// --- doing what was decided
// --------------------------------------------------------------------------------

void Engine::execute(const RunPtr& run) {
    for (const Said& said : std::exchange(run->outcome.events, {}))
        say(said, run, "", "");
    // After a failure one creation goes ahead, so that a full quota is not asked a thousand times.
    const bool probing = queue_.failures(run->key) > 0;
    run->sending = true;
    run->unanswered += run->actions.size();
    for (std::size_t i = 0; i < run->actions.size(); ++i) {
        const bool probe =
            probing && run->actions[i].request.verb == "create" && i + 1 < run->actions.size();
        if (probe)
            run->held = i + 1;
        send(run, i);
        if (probe)
            break;
    }
    run->sending = false;
    settle(run);
}

void Engine::send(const RunPtr& run, std::size_t index) {
    Action& action = run->actions[index];
    client::Request request =
        std::move(action.request); // the body is large; its place is all that is needed later
    action.request.verb = request.verb;
    action.request.path = request.path;
    request.cause.actor = def_.name;
    request.cause.because = action.because;
    request.cause.wokenBy = run->wake.revision;
    client_.send(std::move(request), [this, run, index, alive = std::weak_ptr<bool>(alive_)](
                                         Result<client::Response> answer) {
        if (!alive.expired())
            onAnswer(run, index, answer);
    });
}

void Engine::onAnswer(const RunPtr& run, std::size_t index,
                      const Result<client::Response>& answer) {
    --run->unanswered;
    const Action& action = run->actions[index];
    if (answer) {
        expect(run, action, *answer);
        if (action.whenDone) {
            std::string name = action.request.path.name;
            if (name.empty() && answer->object)
                name = stringAt(answer->object->tree(), "metadata.name");
            say(*action.whenDone, run, name, "");
        }
    } else {
        judge(run, action, answer.error());
    }
    if (run->held != 0 && index + 1 == run->held) { // the probe's answer
        const std::size_t first = std::exchange(run->held, 0);
        if (answer) {
            run->sending = true;
            for (std::size_t i = first; i < run->actions.size(); ++i)
                send(run, i);
            run->sending = false;
        } else {
            run->unanswered -= run->actions.size() - first;
            run->failed += static_cast<int>(run->actions.size() - first);
        }
    }
    settle(run);
}

void Engine::judge(const RunPtr& run, const Action& action, const Error& error) {
    if (verdictOf(error, action.request.verb) == Verdict::Drop)
        return;
    ++run->failed;
    if (!run->firstError)
        run->firstError = error;
    if (action.whenFailed)
        say(*action.whenFailed, run, action.request.path.name, error.message);
}

// The key rests until the cache shows this write: a creation or change by its revision, a deletion
// by the object's going (its answer carries no revision).
void Engine::expect(const RunPtr& run, const Action& action, const client::Response& response) {
    const std::string& verb = action.request.verb;
    if (verb != "create" && verb != "patch" && verb != "update" && verb != "delete")
        return;
    const std::string resource = resourceOf(action.request.path);
    CacheProgress* progress = view_.progress(resource);
    if (!progress)
        return;
    follow(resource, *progress);
    Unseen& unseen = unseen_[resource];
    if (verb == "delete") {
        const std::string key = objectKey(action.request.path);
        const api::ObjectMeta* known = progress->find(key);
        if (!known || known->deletionTimestamp)
            return;
        unseen.deletions.emplace(key, run);
    } else {
        if (response.resourceVersion <= progress->revision())
            return;
        unseen.revisions.emplace(response.resourceVersion, run);
    }
    if (run->unseen++ == 0)
        run->unseenSince = env_.now();
    if (giveUpTimer_ == 0)
        giveUpTimer_ = env_.executor.postAt(env_.now() + kUnseenMax, [this] { giveUpWaiting(); });
}

void Engine::follow(const std::string& resource, CacheProgress& progress) {
    if (!unseen_.try_emplace(resource).second)
        return;
    progress.onBatch([this, resource,
                      alive = std::weak_ptr<bool>(alive_)](const std::vector<std::string>& gone) {
        if (!alive.expired())
            onSeen(resource, gone);
    });
}

void Engine::onSeen(const std::string& resource, const std::vector<std::string>& gone) {
    Unseen& unseen = unseen_[resource];
    if (unseen.revisions.empty() && unseen.deletions.empty())
        return;
    std::vector<RunPtr> seen;
    const auto end = unseen.revisions.upper_bound(view_.progress(resource)->revision());
    for (auto at = unseen.revisions.begin(); at != end; ++at)
        seen.push_back(at->second);
    unseen.revisions.erase(unseen.revisions.begin(), end);
    for (const std::string& key : gone) {
        const auto range = unseen.deletions.equal_range(key);
        for (auto at = range.first; at != range.second; ++at)
            seen.push_back(at->second);
        unseen.deletions.erase(range.first, range.second);
    }
    for (const RunPtr& run : seen) {
        --run->unseen;
        settle(run);
    }
}

void Engine::giveUpWaiting() {
    giveUpTimer_ = 0;
    for (auto& [resource, unseen] : unseen_) {
        unseen.revisions.clear();
        unseen.deletions.clear();
    }
    std::vector<RunPtr> waiting;
    for (const auto& [key, run] : runs_)
        if (run->unseen > 0)
            waiting.push_back(run);
    for (const RunPtr& run : waiting) {
        if (env_.now() - run->unseenSince >= kUnseenMax)
            logLine(LogLevel::Warning, def_.name,
                    run->key + ": its own writes were not seen within five minutes");
        run->unseen = 0;
        settle(run);
    }
}

// Goes on with a run when nothing is outstanding.
void Engine::settle(const RunPtr& run) {
    if (run->sending || run->finished || run->unanswered > 0)
        return;
    if (run->failed > 0 && run->firstError && run->outcome.afterFailure && !run->afterFailureDone) {
        run->afterFailureDone = true;
        run->actions = run->outcome.afterFailure(*run->firstError, run->failed);
        if (!run->actions.empty()) {
            run->unanswered = run->actions.size();
            run->sending = true;
            for (std::size_t i = 0; i < run->actions.size(); ++i)
                send(run, i);
            run->sending = false;
            if (run->unanswered > 0)
                return;
        }
    }
    if (run->unseen == 0)
        finish(run);
}

void Engine::finish(const RunPtr& run) {
    run->finished = true;
    runs_.erase(run->key);
    const std::optional<Error>& error = run->firstError ? run->firstError : run->outcome.error;
    if (error) {
        const std::size_t back = static_cast<std::size_t>(steps_ - run->step);
        if (back < recent_.size())
            recent_[recent_.size() - 1 - back].error = error->message;
        queue_.addRateLimited(run->key, run->wake.revision);
        if (queue_.failures(run->key) == kFailuresWorthALine)
            logLine(LogLevel::Warning, def_.name,
                    run->key + " failed " + std::to_string(kFailuresWorthALine) +
                        " times: " + error->message);
    } else {
        queue_.forget(run->key);
    }
    if (run->outcome.requeueAfter) { // what it does then has the cause that it has now
        client::Wake wake;
        wake.revision = run->wake.revision;
        queue_.addAfter(run->key, *run->outcome.requeueAfter, std::move(wake));
    }
    if (env_.trace.enabled())
        trace(error ? LoopEvent::Kind::Failed : LoopEvent::Kind::Done, run->key,
              error ? error->message : "", run->wake.revision);
    if (def_.onDone)
        def_.onDone(run->key);
    queue_.done(run->key);
}

void Engine::say(const Said& said, const RunPtr& run, const std::string& objectName,
                 const std::string& error) {
    client::EventText text = said.text;
    text.message =
        replaced(replaced(std::move(text.message), "{name}", objectName), "{error}", error);
    WriteCause cause;
    cause.actor = def_.name;
    cause.wokenBy = run->wake.revision;
    recorder_.record(said.regarding, std::move(text), std::move(cause));
}

void Engine::trace(LoopEvent::Kind kind, const std::string& key, const std::string& because,
                   std::int64_t revision) {
    if (env_.trace.enabled())
        env_.trace.onLoop({kind, env_.now(), def_.name, key, because, queue_.length(), revision});
}

} // namespace orrery::controllers
