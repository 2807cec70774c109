#include "core/runtime/sim/sim_env.h"

#include <deque>
#include <map>
#include <random>
#include <set>

#include "core/runtime/timers.h"

namespace orrery {

namespace {
class SimClock final : public Clock {
  public:
    Time now() const override { return now_; }
    Duration monotonic() const override { return now_.time_since_epoch(); }
    Time now_ = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
};

class SimExecutor final : public Executor {
  public:
    void post(Task task) override { posted_.push_back(std::move(task)); }
    TimerId postAt(Time at, Task task) override { return timers_.add(at, std::move(task)); }
    void cancel(TimerId timer) override { timers_.remove(timer); }
    void offload(Task work, Task done) override {
        work();
        if (done)
            post(std::move(done));
    }
    void postIdle(Task task) override { idle_.push_back(std::move(task)); }
    std::deque<Task> posted_, idle_;
    Timers timers_;
};

class SimRandom final : public Random {
  public:
    explicit SimRandom(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() override { return engine_(); }

  private:
    std::mt19937_64 engine_;
};

class SimFile final : public WritableFile {
  public:
    explicit SimFile(std::string& bytes) : bytes_(bytes) {}
    Result<void> append(std::string_view more) override {
        bytes_ += more;
        return {};
    }
    Result<void> sync() override { return {}; }

  private:
    std::string& bytes_;
};

class SimFiles final : public Files {
  public:
    Result<std::string> read(const std::string& path) override {
        const auto at = files_.find(path);
        if (at == files_.end())
            return makeError(Reason::NotFound, "can't read " + path + ": no such file");
        return at->second;
    }
    Result<void> write(const std::string& path, std::string_view bytes, bool) override {
        files_[path] = std::string(bytes);
        return {};
    }
    bool exists(const std::string& path) override {
        return files_.contains(path) || isDirectory(path);
    }
    bool isDirectory(const std::string& path) override {
        if (folders_.contains(path))
            return true;
        const auto at = files_.lower_bound(path + "/");
        return at != files_.end() && at->first.starts_with(path + "/");
    }
    Result<std::vector<std::string>> list(const std::string& folder) override {
        std::set<std::string> names;
        const std::string prefix = folder + "/";
        for (auto at = files_.lower_bound(prefix);
             at != files_.end() && at->first.starts_with(prefix); ++at) {
            const std::string rest = at->first.substr(prefix.size());
            names.insert(rest.substr(0, rest.find('/')));
        }
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<void> makeFolders(const std::string& folder) override {
        folders_.insert(folder);
        return {};
    }
    Result<void> remove(const std::string& path) override {
        files_.erase(path);
        return {};
    }
    Result<std::unique_ptr<WritableFile>> openAppend(const std::string& path) override {
        return std::unique_ptr<WritableFile>(std::make_unique<SimFile>(files_[path]));
    }
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
        if (locked_.contains(path))
            return makeError(Reason::Conflict, path + " is locked by another process");
        return std::unique_ptr<FileLock>(std::make_unique<Held>(locked_, path));
    }

  private:
    class Held final : public FileLock {
      public:
        Held(std::set<std::string>& locked, std::string path)
            : locked_(locked), path_(std::move(path)) {
            locked_.insert(path_);
        }
        ~Held() override { locked_.erase(path_); }

      private:
        std::set<std::string>& locked_;
        std::string path_;
    };
    std::map<std::string, std::string> files_;
    std::set<std::string> folders_;
    std::set<std::string> locked_;
};

class SimNetwork final : public Network {
  public:
    Result<std::unique_ptr<ListenSocket>> listen(const std::string&, int) override {
        return internalError("the simulated world has no sockets: use an in-process client");
    }
};
} // namespace

struct SimEnv::State {
    State(std::uint64_t seed, Trace& trace)
        : random(seed), env{clock, executor, random, files, network, trace} {}
    SimClock clock;
    SimExecutor executor;
    SimRandom random;
    SimFiles files;
    SimNetwork network;
    Env env;
};

SimEnv::SimEnv(std::uint64_t seed, Trace& trace) : state_(std::make_unique<State>(seed, trace)) {}
SimEnv::~SimEnv() = default;
Env& SimEnv::env() {
    return state_->env;
}

std::uint64_t SimEnv::runPosted(std::uint64_t tasksMax) {
    std::uint64_t ran = 0;
    while (true) {
        if (!state_->executor.posted_.empty()) {
            const Task task = std::move(state_->executor.posted_.front());
            state_->executor.posted_.pop_front();
            task();
        } else if (std::optional<Task> due = state_->executor.timers_.takeDue(state_->clock.now_)) {
            (*due)();
        } else if (!state_->executor.idle_.empty()) {
            const Task task = std::move(state_->executor.idle_.front());
            state_->executor.idle_.pop_front();
            task();
        } else {
            return ran;
        }
        ++ran;
        ORRERY_ASSERT(ran < tasksMax);
    }
}

void SimEnv::advance(Duration span) {
    const Time end = state_->clock.now_ + span;
    runPosted();
    for (std::optional<Time> next = nextTimer(); next && *next <= end; next = nextTimer()) {
        state_->clock.now_ = std::max(state_->clock.now_, *next);
        runPosted();
    }
    state_->clock.now_ = end;
}

std::optional<Time> SimEnv::nextTimer() const {
    return state_->executor.timers_.next();
}

} // namespace orrery
