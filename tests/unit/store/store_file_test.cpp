// The store's file: what survives, what is refused, and what is left alone.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include "core/runtime/real/real_env.h"
#include "core/store/sqlite_log.h"
#include "core/store/sqlite_rows.h"
#include "core/store/writer_thread.h"
#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using namespace orrery::store::tests;
namespace fs = std::filesystem;

namespace {
std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}
void writeFile(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}
void sql(const std::string& path, const char* text) {
    sqlite3* database = nullptr;
    QCOMPARE(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    sqlite3_exec(database, text, nullptr, nullptr, &message);
    QVERIFY2(!message, message);
    sqlite3_close(database);
}

// A store on the real machine; each call waits for the plane thread.
class RealStore {
  public:
    explicit RealStore(StoreOptions options) {
        real_.start();
        real_.runAndWait([&] {
            Result<std::unique_ptr<Store>> opened = openStore(real_.env(), options);
            if (opened)
                store_ = std::move(*opened);
            else
                error_ = opened.error();
        });
    }
    ~RealStore() {
        real_.runAndWait([&] { store_.reset(); });
        real_.stop();
    }
    const std::string& error() const { return error_.message; }
    bool opened() const { return store_ != nullptr; }
    void run(const std::function<void(Store&)>& task) {
        real_.runAndWait([&] { task(*store_); });
    }
    // Writes, and waits until it is durable (or undone: false).
    bool write(Write what) {
        std::mutex mutex;
        std::condition_variable wake;
        std::optional<bool> outcome;
        const auto finish = [&](bool result) {
            const std::lock_guard lock(mutex);
            outcome = result;
            wake.notify_one();
        };
        real_.env().executor.post([&] {
            const Result<Revision> accepted = store_->commit(
                what, cause_, [&](Result<void> result) { finish(result.has_value()); });
            if (!accepted)
                finish(false);
        });
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return outcome.has_value(); });
        return *outcome;
    }
    QString items() {
        QString shown;
        run([&](Store& store) { shown = shownItems(*store.list("/")); });
        return shown;
    }
    RealEnv& real() { return real_; }
    WriteCause cause_{"me", "a test", "PUT /x", "agent", 7};

  private:
    NoTrace trace_;
    RealEnv real_{trace_};
    std::unique_ptr<Store> store_;
    Error error_;
};
} // namespace

class StoreFileTest : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;
    std::string path() const { return folder_->filePath("store.db").toStdString(); }
    StoreOptions options() const {
        StoreOptions made;
        made.path = path();
        return made;
    }

  private slots:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void reopens() {
        {
            RealStore s(options());
            QVERIFY2(s.opened(), s.error().c_str());
            QVERIFY(s.write(put("/b", "1")));  // 2
            QVERIFY(s.write(put("/a", "1")));  // 3
            QVERIFY(s.write(put("/b", "2")));  // 4
            QVERIFY(s.write(put("/c", "1")));  // 5
            QVERIFY(s.write(removeKey("/c"))); // 6
        }
        QVERIFY(!fs::exists(path() + "-wal")); // a clean end leaves one file
        QCOMPARE(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
        RealStore s(options());
        QVERIFY2(s.opened(), s.error().c_str());
        QCOMPARE(s.items(), "/a=1@3 /b=2@4");
        QStringList seen;
        std::vector<std::unique_ptr<Watch>> watches;
        s.run([&](Store& store) {
            QCOMPARE(store.revision(), 6); // though the newest row is a deletion
            QCOMPARE(store.compactRevision(), 6);
            QCOMPARE(store.get("/b")->version, 2);
            QCOMPARE(store.get("/b")->createRevision, 2);
            QCOMPARE(store.watch({"/", 5}, [](auto) {}).error().reason, Reason::Expired);
            watches.push_back(*store.watch(
                {"/", 6}, [&](std::span<const EventPtr> events) { seen << shownAll(events); }));
            QCOMPARE(shownAll(*store.history("/b")), "2+/b=1 4+/b=2");
            QCOMPARE(shownAll(*store.history("/c")), "5+/c=1 6-/c");
            QCOMPARE(shownAll(store.recent(3)), "4+/b=2 5+/c=1 6-/c");
            const EventPtr event = *store.eventAt(4);
            QCOMPARE(event->previous->value->bytes(), std::string("1"));
            QCOMPARE(event->cause->actor, std::string("me"));
            QCOMPARE(event->cause->because, std::string("a test"));
            QCOMPARE(event->cause->request, std::string("PUT /x"));
            QCOMPARE(event->cause->userAgent, std::string("agent"));
            QCOMPARE(event->cause->wokenBy, 7);
            QCOMPARE((*store.eventAt(6))->previous->value->bytes(), std::string("1"));
            QCOMPARE(store.eventAt(99).error().reason, Reason::NotFound);
        });
        QVERIFY(s.write(put("/c", "2", 0))); // 7
        QVERIFY(s.write(put("/d", std::string("\0\xFF", 2))));
        s.run([&](Store& store) {
            QCOMPARE(seen.join(" ").section(' ', 0, 1), "6-/c 7+/c=2");
            QCOMPARE(shownAll(*store.history("/c")), "5+/c=1 6-/c 7+/c=2");
            QCOMPARE(store.get("/d")->value->bytes(), std::string("\0\xFF", 2));
            watches.clear();
        });
    }

    // Nothing that was acknowledged is lost when the process is killed, and what is there is a
    // prefix of what was written: no gap, no half batch before an acknowledged write.
    void survivesKill() {
        int acknowledged = 0;
        for (int round = 0; round < 8; ++round) {
            int ends[2];
            QCOMPARE(::pipe(ends), 0);
            const pid_t child = ::fork();
            if (child == 0) {
                writeUntilKilled(ends[1], acknowledged, round % 2 == 0 ? 0 : 20 * round);
                ::_exit(0);
            }
            ::close(ends[1]);
            int number = 0, got = 0;
            while (::read(ends[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
                QCOMPARE(number, acknowledged); // in order
                ++acknowledged;
                if (++got == 100 + 37 * round && round % 2 == 0)
                    ::kill(child, SIGKILL);
            }
            ::close(ends[0]);
            QCOMPARE(::waitpid(child, nullptr, 0), child);
            QVERIFY(got > 0);
            RealStore s(options());
            QVERIFY2(s.opened(), s.error().c_str());
            s.run([&](Store& store) {
                const std::vector<KeyValuePtr> items = store.list("/k/")->items;
                QVERIFY(static_cast<int>(items.size()) >= acknowledged);
                for (int i = 0; i < static_cast<int>(items.size()); ++i)
                    QVERIFY(store.get("/k/" + std::to_string(i)) != nullptr);
                QCOMPARE(store.revision(), static_cast<Revision>(items.size()) + 1);
                acknowledged = static_cast<int>(items.size());
            });
        }
    }

    void refuses_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("message");
        QTest::newRow("text") << QByteArray(500, 'x') << "not an SQLite file";
        QTest::newRow("short") << QByteArray("abc") << "not an SQLite file";
        QTest::newRow("short SQLite")
            << QByteArray("SQLite format 3\0abc", 19) << "not an SQLite file";
    }
    void refuses() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, message);
        writeFile(path(), bytes.toStdString());
        expectRefused(message);
    }

    void refusesForeignDatabase() {
        sql(path(), "PRAGMA journal_mode=WAL; CREATE TABLE log (x); INSERT INTO log VALUES (1)");
        expectRefused("not a store of Orrery");
    }

    void refusesNewerFormat() {
        { RealStore s(options()); }
        sql(path(), "PRAGMA user_version = 2");
        expectRefused("a newer Orrery wrote it (format 2, this one knows up to 1)");
    }

    // A newer Orrery may have been killed before the file's first page was written.
    void refusesNewerFormatInWal() {
        { RealStore s(options()); }
        sqlite3* database = nullptr;
        QCOMPARE(sqlite3_open(path().c_str(), &database), SQLITE_OK);
        sqlite3_exec(database, "PRAGMA user_version = 3", nullptr, nullptr, nullptr);
        const std::string copy = folder_->filePath("copy.db").toStdString();
        fs::copy(path(), copy);
        fs::copy(path() + "-wal", copy + "-wal");
        sqlite3_close(database);
        StoreOptions other;
        other.path = copy;
        const std::string before = readFile(copy);
        RealStore s(other);
        QVERIFY(!s.opened());
        QVERIFY2(s.error().find("format 3") != std::string::npos, s.error().c_str());
        QCOMPARE(readFile(copy), before);
    }

    void refusesMissingFolder() {
        StoreOptions wrong;
        wrong.path = folder_->filePath("no/such/store.db").toStdString();
        RealStore s(wrong);
        QVERIFY2(s.error().find("does not exist; make it or choose another --data-dir") !=
                     std::string::npos,
                 s.error().c_str());
        wrong.path = folder_->path().toStdString();
        RealStore folder(wrong);
        QVERIFY2(folder.error().find("it is a folder") != std::string::npos,
                 folder.error().c_str());
    }

    void refusesUnwritable() {
        if (::geteuid() == 0)
            QSKIP("root may write everywhere");
        { RealStore s(options()); }
        fs::permissions(path(), fs::perms::owner_read);
        expectRefused("can't be written");
        fs::permissions(folder_->path().toStdString(),
                        fs::perms::owner_read | fs::perms::owner_exec);
        StoreOptions other;
        other.path = folder_->filePath("new.db").toStdString();
        RealStore s(other);
        QVERIFY2(s.error().find("can't be written") != std::string::npos, s.error().c_str());
        fs::permissions(folder_->path().toStdString(), fs::perms::owner_all);
    }

    void refusesDamaged_data() {
        QTest::addColumn<QString>("how");
        for (const char* how : {"zeroed pages", "cut off", "garbage", "senseless row"})
            QTest::newRow(how) << how;
    }
    void refusesDamaged() {
        QFETCH(QString, how);
        {
            RealStore s(options());
            for (int i = 0; i < 200; ++i)
                QVERIFY(s.write(put("/k/" + std::to_string(i), std::string(500, 'x'))));
        }
        std::string bytes = readFile(path());
        QVERIFY(bytes.size() > 10 * 4096);
        if (how == "zeroed pages")
            bytes.replace(4096, 8 * 4096, std::string(8 * 4096, '\0'));
        else if (how == "cut off")
            bytes.resize(bytes.size() / 2);
        else if (how == "garbage")
            bytes.replace(4096, bytes.size() - 4096, std::string(bytes.size() - 4096, '\x5A'));
        else
            sql(path(), "UPDATE log SET create_rev = 999 WHERE rev = 7");
        if (how != "senseless row")
            writeFile(path(), bytes);
        expectRefused("is damaged");
    }

    // Written by hand, not by the program: the format as it is drawn in sqlite_rows.h.
    void readsTheDrawnFormat() {
        sql(path(), (std::string(kSchemaSql) + ";" +
                     "INSERT INTO log VALUES (2,'/p/web','{}',2,1,0,'admin','','','',0,0),"
                     "(3,'/p/web','{}',2,2,0,'default-scheduler','','','',2,0),"
                     "(4,'/p/web','{}',2,0,1,'admin','','','',0,0),"
                     "(5,'/p/db','{}',5,1,0,'admin','','','',0,0)")
                        .c_str());
        RealStore s(options());
        QVERIFY2(s.opened(), s.error().c_str());
        QCOMPARE(s.items(), "/p/db={}@5");
        s.run([](Store& store) { QCOMPARE(store.nextRevision(), 6); });
    }

    // A making that was cut off between the file and its tables.
    void continuesAnEmptyFile() {
        writeFile(path(), "");
        RealStore s(options());
        QVERIFY2(s.opened(), s.error().c_str());
        QVERIFY(s.write(put("/a", "1")));
    }

    // A real SQLITE_FULL, through the real thread.
    void recoversFromAFullDisk() {
        setLogLevel(static_cast<LogLevel>(static_cast<int>(LogLevel::Error) + 1));
        NoTrace trace;
        RealEnv real(trace);
        real.start();
        std::unique_ptr<Store> store;
        std::shared_ptr<SqliteLog> log;
        std::atomic<int> ok = 0, failed = 0;
        std::string message;
        const auto write = [&](int count) {
            real.runAndWait([&] {
                for (int i = 0; i < count; ++i)
                    QVERIFY(store->commit(put("/k/" + std::to_string(i), std::string(3000, 'x')),
                                          {}, [&](Result<void> result) {
                                              ++(result ? ok : failed);
                                              if (!result)
                                                  message = result.error().message;
                                          }));
            });
        };
        real.runAndWait([&] {
            log = *SqliteLog::open(path(), 512 << 20);
            StoreParts parts;
            parts.loaded = *log->load();
            QVERIFY(log->limitPages(40));
            parts.writer = std::make_unique<WriterThread>(real.env().executor, log);
            parts.reader = std::make_shared<MemoryLog>(1 << 20);
            store = std::make_unique<EmbeddedStore>(real.env(), StoreOptions{}, std::move(parts));
        });
        write(10);
        while (ok + failed < 10)
            QTest::qWait(1);
        QCOMPARE(failed, 0);
        write(100);
        while (ok + failed < 110)
            QTest::qWait(1);
        QVERIFY(failed > 0);
        QVERIFY2(message.find("full") != std::string::npos, message.c_str());
        real.runAndWait([&] {
            QCOMPARE(store->revision(), store->durableRevision());
            QVERIFY(store->get("/k/3") != nullptr);
            QVERIFY(log->limitPages(100'000)); // the writer rests: its queue is empty
        });
        const int before = failed;
        write(100);
        while (ok + failed < 210)
            QTest::qWait(1);
        QCOMPARE(failed, before);
        real.runAndWait([&] { store.reset(); });
        real.stop();
        setLogLevel(LogLevel::Warning);
    }

    // History beyond historyBytesMax goes; every living key, and the newest revision, stay.
    void dropsOldHistory() {
        StoreOptions small = options();
        small.historyBytesMax = 1 << 20;
        std::int64_t head = 0;
        {
            RealStore s(small);
            s.run([](Store& store) {
                for (int i = 0; i < 30; ++i)
                    QVERIFY(store.commit(put("/old/" + std::to_string(i), "kept"), {}, nullptr));
                QVERIFY(store.commit(put("/gone", "x"), {}, nullptr));
                QVERIFY(store.commit(removeKey("/gone"), {}, nullptr));
            });
            for (int round = 0; round < 60; ++round)
                s.run([&](Store& store) {
                    for (int i = 0; i < 100; ++i)
                        QVERIFY(store.commit(put("/k/" + std::to_string(i % 7),
                                                 std::to_string(round) + std::string(1000, 'x')),
                                             {}, nullptr));
                });
            QVERIFY(s.write(put("/last", "x")));
            QVERIFY(s.write(removeKey("/last")));
            s.run([&](Store& store) { head = store.revision(); });
        }
        // Another start finishes what was left to drop, and does not lose anything by it.
        for (int start = 0; start < 2; ++start) {
            RealStore s(small);
            QVERIFY2(s.opened(), s.error().c_str());
            QTest::qWait(300);
            s.run([&](Store& store) {
                QCOMPARE(store.revision(), head);
                QCOMPARE(store.count("/old/"), 30);
                QCOMPARE(store.count("/k/"), 7);
                QCOMPARE(store.count("/"), 37);
                QVERIFY(store.history("/gone")->empty());
                QCOMPARE(store.get("/k/3")->value->bytes().substr(0, 2), std::string("59"));
                QVERIFY(store.eventAt(head).has_value());
                QCOMPARE(store.eventAt(500).error().reason, Reason::NotFound);
                QVERIFY(store.history("/k/3", 10'000)->size() < 300);
                QVERIFY(store.history("/k/3", 10'000)->size() > 50);
            });
        }
    }

  private:
    void expectRefused(const QString& message) {
        const std::string before = readFile(path());
        {
            RealStore s(options());
            QVERIFY(!s.opened());
            QVERIFY2(QString::fromStdString(s.error()).contains(message), s.error().c_str());
        }
        QCOMPARE(readFile(path()) == before, true);
    }

    // In a child: /k/N for N = first, first + 1, ... by 16 at a time; each N goes into the pipe
    // when it is acknowledged. Ends by itself, in the middle, after `last` acknowledgements (0:
    // waits to be killed).
    void writeUntilKilled(int pipe, int first, int last) const {
        NoTrace trace;
        RealEnv real(trace);
        real.start();
        std::unique_ptr<Store> store;
        int next = first, acknowledged = 0;
        std::function<void()> more = [&] {
            const int number = next++;
            const Result<Revision> accepted =
                store->commit(put("/k/" + std::to_string(number), std::string(300, 'x'), 0), {},
                              [&, number](Result<void> result) {
                                  if (!result || ::write(pipe, &number, sizeof number) < 0)
                                      ::_exit(1);
                                  if (++acknowledged == last)
                                      ::_exit(9);
                                  more();
                              });
            if (!accepted)
                ::_exit(2);
        };
        real.runAndWait([&] {
            Result<std::unique_ptr<Store>> opened = openStore(real.env(), options());
            if (!opened)
                ::_exit(3);
            store = std::move(*opened);
            for (int i = 0; i < 16; ++i)
                more();
        });
        ::pause();
    }
};
ORRERY_TEST(StoreFileTest)
#include "store_file_test.moc"
