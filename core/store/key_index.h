// All keys in order, each with its values back to the compaction revision.
//
// An example, used by the tests as well. Five writes, beginning with an empty store:
//
//     2  put    /a  "1"        /a: [2]
//     3  put    /b  "1"        /a: [2]        /b: [3]
//     4  put    /a  "2"        /a: [2 4]      /b: [3]
//     5  delete /b             /a: [2 4]      /b: [3 5x]
//     6  put    /a  "3"        /a: [2 4 6]    /b: [3 5x]
//
// A list at revision 4 sees /a=2 and /b=1; at 5, /a=2 only. forgetBefore(key, r) keeps what a list
// at r or later can see: forgetBefore("/a", 4) leaves /a: [4 6]; forgetBefore("/b", 5) leaves
// nothing of /b.
//
// The keys stand in chunks of at most 256, so that an insertion moves little, a walk is sequential,
// and counting a range adds up whole chunks. One key alone is found by its hash.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/store/store.h"

namespace orrery::store {

class KeyIndex {
  public:
    // Fills an empty index. By key, ascending.
    void load(std::vector<KeyValuePtr> live);

    // The newest value, or null.
    KeyValuePtr get(std::string_view key) const;
    // Makes `value` the newest one of its key; `deleted`: it marks the key's end.
    void put(KeyValuePtr value, bool deleted);
    // Takes the key's newest put() back. It must be there, and not forgotten.
    void undo(std::string_view key);
    // Forgets the values of `key` that no read at `revision` or later can see.
    void forgetBefore(std::string_view key, Revision revision);

    // Keys with `prefix` after `startAfterKey`, at most `limit` (0: all), as of `at`.
    ListResult list(std::string_view prefix, std::string_view startAfterKey, std::int64_t limit,
                    Revision at, Revision head) const;
    std::int64_t count(std::string_view prefix) const;

  private:
    struct Version {
        KeyValuePtr value;
        bool deleted = false;
    };
    struct Entry {
        explicit Entry(Version version) : newest(std::move(version)) {}
        Version newest;
        std::vector<Version> older; // oldest first; mostly empty
        const std::string key = newest.value->key;
        // What a read at `at` sees, or null.
        KeyValuePtr seenAt(Revision at) const;
    };
    struct Chunk {
        std::vector<std::unique_ptr<Entry>> entries; // never empty
        std::int64_t live = 0;                       // entries whose newest version is no deletion
    };
    struct Place {
        std::size_t chunk = 0;
        std::size_t entry = 0;
        bool operator==(const Place&) const = default;
    };

    Place end() const { return {chunks_.size(), 0}; }
    Place next(Place place) const;
    const Entry& entryAt(Place place) const { return *chunks_[place.chunk]->entries[place.entry]; }
    // The first key that is not less.
    Place lowerBound(std::string_view key) const;
    // Behind the last key with `prefix`.
    Place endOfPrefix(std::string_view prefix) const;
    // The entry of exactly `key`, or null.
    Entry* find(std::string_view key) const;
    void insert(std::unique_ptr<Entry> entry);
    void erase(const Entry& entry);
    // `entry` counts as live, or no longer.
    void countLive(const Entry& entry, std::int64_t change);
    // Live keys in [from, to).
    std::int64_t countBetween(Place from, Place to) const;

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::unordered_map<std::string_view, Entry*> byKey_; // looked up only; views of Entry::key
};

} // namespace orrery::store
