#include "core/store/key_index.h"

#include <random>

#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using orrery::store::tests::shownItems;
using orrery::store::tests::text;

namespace {
KeyValuePtr version(std::string key, std::string value, Revision revision) {
    auto made = std::make_shared<KeyValue>();
    made->key = std::move(key);
    made->value = text(std::move(value));
    made->modRevision = revision;
    return made;
}

// The index as slowly and simply as it can be: all versions of all keys.
struct Model {
    struct Version {
        Revision revision;
        std::optional<std::string> value;
    };
    std::map<std::string, std::vector<Version>> keys;

    std::string list(const std::string& prefix, const std::string& after, Revision at) const {
        std::string line;
        for (const auto& [key, versions] : keys) {
            if (key.compare(0, prefix.size(), prefix) != 0 || key <= after)
                continue;
            const Version* seen = nullptr;
            for (const Version& candidate : versions)
                if (candidate.revision <= at)
                    seen = &candidate;
            if (seen && seen->value)
                line += (line.empty() ? "" : " ") + key + "=" + *seen->value + "@" +
                        std::to_string(seen->revision);
        }
        return line;
    }
};
} // namespace

class KeyIndexTest : public QObject {
    Q_OBJECT
  private slots:
    // The example of key_index.h.
    void example() {
        KeyIndex index;
        index.put(version("/a", "1", 2), false);
        index.put(version("/b", "1", 3), false);
        index.put(version("/a", "2", 4), false);
        index.put(version("/b", "1", 5), true);
        index.put(version("/a", "3", 6), false);
        QCOMPARE(shownItems(index.list("", "", 0, 2, 6)), "/a=1@2");
        QCOMPARE(shownItems(index.list("", "", 0, 4, 6)), "/a=2@4 /b=1@3");
        QCOMPARE(shownItems(index.list("", "", 0, 5, 6)), "/a=2@4");
        QCOMPARE(shownItems(index.list("", "", 0, 6, 6)), "/a=3@6");
        QCOMPARE(index.get("/b"), nullptr);
        QCOMPARE(index.count(""), 1);
        index.forgetBefore("/a", 4);
        QCOMPARE(shownItems(index.list("", "", 0, 4, 6)), "/a=2@4 /b=1@3");
        QCOMPARE(shownItems(index.list("", "", 0, 2, 6)), "");
        index.forgetBefore("/b", 5);
        QCOMPARE(shownItems(index.list("", "", 0, 5, 6)), "/a=2@4");
        index.undo("/a");
        QCOMPARE(shownItems(index.list("", "", 0, 5, 5)), "/a=2@4");
    }

    void prefixEnds() {
        KeyIndex index;
        Revision revision = 1;
        for (const char* key : {"/a", "/a/", "/a/b", "/a/b\xFF", "/a0", "/b", "\xFF", "\xFF\xFF"})
            index.put(version(key, "", ++revision), false);
        QCOMPARE(index.count("/a/"), 3);
        QCOMPARE(index.count("/a"), 5);
        QCOMPARE(index.count("/a/b\xFF"), 1);
        QCOMPARE(index.count("\xFF"), 2);
        QCOMPARE(index.count(""), 8);
        QCOMPARE(index.count("/c"), 0);
        QVERIFY(index.list("/a/", "/b", 0, revision, revision).items.empty());
        QCOMPARE(index.list("/b", "/a", 0, revision, revision).items.size(), 1u);
    }

    void limitAndRemaining() {
        KeyIndex index;
        for (int i = 0; i < 1000; ++i)
            index.put(version("/k/" + std::to_string(1000 + i), "", i + 2), false);
        std::string after;
        int pages = 0, items = 0;
        for (;; ++pages) {
            const ListResult page = index.list("/k/", after, 300, 1001, 1001);
            const ListResult older = index.list("/k/", after, 300, 1000, 1001);
            items += static_cast<int>(page.items.size());
            QCOMPARE(page.remaining, 1000 - items);
            QCOMPARE(older.remaining, std::max(0, 999 - items));
            if (page.remaining == 0)
                break;
            after = page.items.back()->key;
        }
        QCOMPARE(pages, 3);
        QCOMPARE(items, 1000);
    }

    void againstModel_data() {
        QTest::addColumn<int>("seed");
        QTest::addColumn<int>("keys");
        for (int seed = 1; seed <= 6; ++seed)
            QTest::addRow("seed %d, few keys", seed) << seed << 5;
        for (int seed = 1; seed <= 3; ++seed)
            QTest::addRow("seed %d, many keys", seed) << seed << 900;
    }
    void againstModel() {
        QFETCH(int, seed);
        QFETCH(int, keys);
        std::mt19937 random(static_cast<unsigned>(seed));
        const auto below = [&](int bound) { return static_cast<int>(random() % unsigned(bound)); };
        KeyIndex index;
        Model model;
        Revision head = 1, compact = 1;
        std::vector<std::string> writtenAt{"", ""}; // the key that a revision wrote
        for (int step = 0; step < 5000; ++step) {
            const std::string key =
                "/" + std::to_string(below(3)) + "/" + std::to_string(below(keys));
            const int choice = below(10);
            if (choice < 7) {
                const bool deleted = choice < 2;
                if (deleted && !index.get(key))
                    continue;
                ++head;
                writtenAt.push_back(key);
                index.put(version(key, "v", head), deleted);
                model.keys[key].push_back(
                    {head, deleted ? std::nullopt : std::optional<std::string>("v")});
            } else if (choice == 7 && head > compact) {
                index.undo(writtenAt.back());
                model.keys[writtenAt.back()].pop_back();
                writtenAt.pop_back();
                --head;
            } else if (choice == 8 && head - compact > 20) {
                ++compact;
                index.forgetBefore(writtenAt[static_cast<std::size_t>(compact)], compact);
            } else {
                const Revision at = compact + below(static_cast<int>(head - compact + 1));
                const std::string prefix = below(2) != 0 ? "/1/" : "";
                const std::string after = below(2) != 0 ? key : "";
                QCOMPARE(shownItems(index.list(prefix, after, 0, at, head)).toStdString(),
                         model.list(prefix, after, at));
                QCOMPARE(index.count(prefix),
                         static_cast<int>(index.list(prefix, "", 0, head, head).items.size()));
            }
        }
    }

    void load() {
        std::vector<KeyValuePtr> live;
        for (int i = 0; i < 5000; ++i)
            live.push_back(version("/" + std::to_string(10000 + i), "x", i + 2));
        KeyIndex index;
        index.load(live);
        QCOMPARE(index.count(""), 5000);
        QCOMPARE(index.count("/11"), 1000);
        for (const KeyValuePtr& item : live)
            QCOMPARE(index.get(item->key), item);
        index.put(version("/105000", "", 6000), false);
        QCOMPARE(index.list("/1050", "", 0, 6000, 6000).items[1]->key, std::string("/105000"));
    }
};
ORRERY_TEST(KeyIndexTest)
#include "key_index_test.moc"
