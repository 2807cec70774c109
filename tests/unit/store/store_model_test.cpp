// Random operations against a model that is too simple to be wrong: a list of all events that last.
// Batches fail at random; watches begin anywhere; each must see exactly the model's events, once,
// in order.
#include <random>

#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using orrery::store::tests::put;
using orrery::store::tests::removeKey;
using orrery::store::tests::shown;
using orrery::store::tests::shownItems;
using orrery::store::tests::SimStore;

namespace {
struct Model {
    struct Entry {
        Revision revision;
        std::string key;
        std::optional<std::string> value;
        std::string shown() const {
            return std::to_string(revision) + (value ? "+" + key + "=" + *value : "-" + key);
        }
    };
    std::vector<Entry> log; // entry i has revision i + 2

    Revision head() const { return static_cast<Revision>(log.size()) + 1; }
    std::map<std::string, Entry> at(Revision revision) const {
        std::map<std::string, Entry> live;
        for (const Entry& entry : log) {
            if (entry.revision > revision)
                break;
            if (entry.value)
                live[entry.key] = entry;
            else
                live.erase(entry.key);
        }
        return live;
    }
};

struct Watcher {
    std::string prefix;
    Revision start = 0;
    std::string seen;
    std::unique_ptr<Watch> watch;
};

class Run {
  public:
    explicit Run(unsigned seed) : random_(seed), store_(options()) {}

    void steps(int count) {
        for (int i = 0; i < count && !QTest::currentTestFailed(); ++i)
            step();
        settle();
        check();
        QCOMPARE(acknowledged_ + refused_, accepted_); // each callback ran exactly once
    }

  private:
    static StoreOptions options() {
        StoreOptions made;
        made.compactAfter = 1min;
        return made;
    }
    int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
    std::string key() { return "/" + std::to_string(below(3)) + "/" + std::to_string(below(6)); }

    void step() {
        const int choice = below(100);
        if (choice < 60)
            write();
        else if (choice < 75)
            settle();
        else if (choice < 80)
            store_.log->full = !store_.log->full && below(3) == 0;
        else if (choice < 88)
            watch();
        else if (choice < 90 && !watchers_.empty())
            watchers_.erase(watchers_.begin() + below(static_cast<int>(watchers_.size())));
        else if (choice < 93)
            store_.sim.advance(std::chrono::seconds(below(40))), settle();
        else
            check();
    }

    void write() {
        const std::string where = key();
        const auto live = model_.at(model_.head());
        const auto found = live.find(where);
        const Revision now = found == live.end() ? 0 : found->second.revision;
        const std::string value = std::to_string(below(1000));
        Write write = below(3) == 0 ? removeKey(where) : put(where, value);
        const bool deletes = !write.value;
        if (below(2) == 0)
            write.expect = below(3) == 0 ? now + 1 : now;
        const bool wanted = (!write.expect || *write.expect == now) && !(deletes && now == 0);
        const Revision next = store_.store->nextRevision();
        const Result<Revision> result =
            store_.store->commit(std::move(write), {}, [this, next](Result<void> outcome) {
                acknowledged_ += outcome ? 1 : 0;
                refused_ += outcome ? 0 : 1;
                if (outcome)
                    QVERIFY(next <= store_.store->durableRevision());
            });
        QCOMPARE(result.has_value(), wanted);
        if (!result)
            return;
        QCOMPARE(*result, next);
        ++accepted_;
        model_.log.push_back(
            {*result, where, deletes ? std::nullopt : std::optional<std::string>(value)});
    }

    // Lets the writer write; when it can't, all that is not durable is gone from the model, too.
    void settle() {
        store_.sim.runPosted();
        if (store_.store->durableRevision() < model_.head()) // undone: "ahead" is now nearer
            for (const std::unique_ptr<Watcher>& watcher : watchers_)
                watcher->start = std::min(watcher->start, store_.store->durableRevision() + 1);
        model_.log.resize(static_cast<std::size_t>(store_.store->durableRevision() - 1));
        QCOMPARE(store_.store->revision(), store_.store->durableRevision());
        if (!store_.log->full)
            durable_ = store_.store->durableRevision();
        QVERIFY(store_.store->durableRevision() >= durable_);
    }

    void watch() {
        auto watcher = std::make_unique<Watcher>();
        watcher->prefix = below(2) == 0 ? "/" : "/" + std::to_string(below(3)) + "/";
        const Revision oldest = store_.store->compactRevision();
        const auto span = static_cast<int>(store_.store->revision() - oldest + 2);
        watcher->start = oldest + below(span);
        auto made = store_.store->watch({watcher->prefix, watcher->start},
                                        [seen = &watcher->seen](std::span<const EventPtr> events) {
                                            for (const EventPtr& event : events)
                                                *seen += shown(*event) + " ";
                                        });
        QVERIFY(made.has_value());
        watcher->watch = std::move(*made);
        watchers_.push_back(std::move(watcher));
        if (oldest > 1)
            QCOMPARE(store_.store->watch({"/", oldest - 1}, [](auto) {}).error().reason,
                     Reason::Expired);
    }

    void check() {
        const Revision oldest = store_.store->compactRevision();
        const Revision at = oldest + below(static_cast<int>(model_.head() - oldest + 1));
        std::string wanted;
        for (const auto& [where, entry] : model_.at(at))
            wanted += (wanted.empty() ? "" : " ") + where + "=" + *entry.value + "@" +
                      std::to_string(entry.revision);
        QCOMPARE(shownItems(*store_.store->list("/", {}, 0, at)).toStdString(), wanted);
        settle();
        for (const std::unique_ptr<Watcher>& watcher : watchers_) {
            std::string events;
            for (const Model::Entry& entry : model_.log)
                if (entry.revision >= watcher->start && entry.key.starts_with(watcher->prefix))
                    events += entry.shown() + " ";
            QCOMPARE(watcher->seen, events);
        }
    }

    std::mt19937 random_;
    SimStore store_;
    Model model_;
    std::vector<std::unique_ptr<Watcher>> watchers_;
    Revision durable_ = 1;
    int accepted_ = 0, acknowledged_ = 0, refused_ = 0;
};
} // namespace

class StoreModelTest : public QObject {
    Q_OBJECT
  private slots:
    void randomOperations_data() {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 20; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    void randomOperations() {
        QFETCH(unsigned, seed);
        setLogLevel(LogLevel::Error);
        Run(seed).steps(1500);
    }
};
ORRERY_TEST(StoreModelTest)
#include "store_model_test.moc"
