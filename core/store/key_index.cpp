#include "core/store/key_index.h"

#include <algorithm>

namespace orrery::store {

namespace {
constexpr std::size_t kChunkMax = 256;

bool startsWith(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}
} // namespace

KeyValuePtr KeyIndex::Entry::seenAt(Revision at) const {
    if (newest.value->modRevision <= at)
        return newest.deleted ? nullptr : newest.value;
    for (auto version = older.rbegin(); version != older.rend(); ++version)
        if (version->value->modRevision <= at)
            return version->deleted ? nullptr : version->value;
    return nullptr;
}

void KeyIndex::load(std::vector<KeyValuePtr> live) {
    ORRERY_ASSERT(chunks_.empty());
    constexpr std::size_t kFill = kChunkMax * 3 / 4; // room for insertions
    byKey_.reserve(live.size());
    for (KeyValuePtr& value : live) {
        if (chunks_.empty() || chunks_.back()->entries.size() >= kFill) {
            chunks_.push_back(std::make_unique<Chunk>());
            chunks_.back()->entries.reserve(kFill);
        }
        Chunk& chunk = *chunks_.back();
        chunk.entries.push_back(std::make_unique<Entry>(Version{std::move(value), false}));
        ++chunk.live;
        byKey_.emplace(chunk.entries.back()->key, chunk.entries.back().get());
    }
}

KeyIndex::Place KeyIndex::next(Place place) const {
    if (++place.entry == chunks_[place.chunk]->entries.size())
        place = {place.chunk + 1, 0};
    return place;
}

KeyIndex::Place KeyIndex::lowerBound(std::string_view key) const {
    const auto chunk =
        std::partition_point(chunks_.begin(), chunks_.end(), [&](const auto& candidate) {
            return std::string_view(candidate->entries.back()->key) < key;
        });
    if (chunk == chunks_.end())
        return end();
    const auto entry =
        std::partition_point((*chunk)->entries.begin(), (*chunk)->entries.end(),
                             [&](const auto& candidate) { return candidate->key < key; });
    return {static_cast<std::size_t>(chunk - chunks_.begin()),
            static_cast<std::size_t>(entry - (*chunk)->entries.begin())};
}

KeyIndex::Place KeyIndex::endOfPrefix(std::string_view prefix) const {
    // The least string behind all with this prefix: its last byte that can grow, grown.
    std::string behind(prefix);
    while (!behind.empty() && static_cast<unsigned char>(behind.back()) == 0xFF)
        behind.pop_back();
    if (behind.empty())
        return end();
    behind.back() = static_cast<char>(static_cast<unsigned char>(behind.back()) + 1);
    return lowerBound(behind);
}

KeyIndex::Entry* KeyIndex::find(std::string_view key) const {
    const auto at = byKey_.find(key);
    return at == byKey_.end() ? nullptr : at->second;
}

KeyValuePtr KeyIndex::get(std::string_view key) const {
    const Entry* entry = find(key);
    return entry && !entry->newest.deleted ? entry->newest.value : nullptr;
}

void KeyIndex::insert(std::unique_ptr<Entry> entry) {
    Place place = lowerBound(entry->key);
    if (place == end()) { // behind the last key
        if (chunks_.empty())
            chunks_.push_back(std::make_unique<Chunk>());
        place = {chunks_.size() - 1, chunks_.back()->entries.size()};
    }
    if (chunks_[place.chunk]->entries.size() >= kChunkMax) {
        Chunk& full = *chunks_[place.chunk];
        // Keys that come in order leave full chunks behind; others leave halves.
        const bool appending = place.entry == full.entries.size();
        const std::size_t keep = appending ? kChunkMax : kChunkMax / 2;
        auto half = std::make_unique<Chunk>();
        for (std::size_t i = keep; i < full.entries.size(); ++i) {
            half->live += full.entries[i]->newest.deleted ? 0 : 1;
            half->entries.push_back(std::move(full.entries[i]));
        }
        full.entries.resize(keep);
        full.live -= half->live;
        chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk) + 1,
                       std::move(half));
        if (place.entry > keep || appending)
            place = {place.chunk + 1, place.entry - keep};
    }
    Chunk& chunk = *chunks_[place.chunk];
    chunk.live += entry->newest.deleted ? 0 : 1;
    byKey_.emplace(entry->key, entry.get());
    chunk.entries.insert(chunk.entries.begin() + static_cast<std::ptrdiff_t>(place.entry),
                         std::move(entry));
}

void KeyIndex::erase(const Entry& entry) {
    const Place place = lowerBound(entry.key);
    Chunk& chunk = *chunks_[place.chunk];
    chunk.live -= entry.newest.deleted ? 0 : 1;
    byKey_.erase(entry.key);
    chunk.entries.erase(chunk.entries.begin() + static_cast<std::ptrdiff_t>(place.entry));
    if (chunk.entries.empty())
        chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk));
}

void KeyIndex::countLive(const Entry& entry, std::int64_t change) {
    if (change != 0)
        chunks_[lowerBound(entry.key).chunk]->live += change;
}

void KeyIndex::put(KeyValuePtr value, bool deleted) {
    Version version{std::move(value), deleted};
    Entry* entry = find(version.value->key);
    if (!entry)
        return insert(std::make_unique<Entry>(std::move(version)));
    countLive(*entry, (entry->newest.deleted ? 1 : 0) - (deleted ? 1 : 0));
    entry->older.push_back(std::exchange(entry->newest, std::move(version)));
}

void KeyIndex::undo(std::string_view key) {
    Entry* entry = find(key);
    ORRERY_ASSERT(entry);
    if (entry->older.empty())
        return erase(*entry);
    const bool wasDeleted = entry->newest.deleted;
    entry->newest = std::move(entry->older.back());
    entry->older.pop_back();
    countLive(*entry, (wasDeleted ? 1 : 0) - (entry->newest.deleted ? 1 : 0));
}

void KeyIndex::forgetBefore(std::string_view key, Revision revision) {
    Entry* entry = find(key);
    if (!entry)
        return;
    if (entry->newest.value->modRevision <= revision) {
        if (entry->newest.deleted)
            return erase(*entry);
        entry->older = {};
        return;
    }
    std::vector<Version>& older = entry->older;
    auto keep = std::find_if(older.begin(), older.end(), [&](const Version& version) {
        return version.value->modRevision > revision;
    });
    // The one before it is what a read at `revision` sees; an end of the key need not be
    // remembered.
    if (keep != older.begin() && !std::prev(keep)->deleted)
        --keep;
    older.erase(older.begin(), keep);
}

std::int64_t KeyIndex::countBetween(Place from, Place to) const {
    std::int64_t sum = 0;
    while (!(from == to)) {
        if (from.entry == 0 && from.chunk < to.chunk) {
            sum += chunks_[from.chunk]->live;
            from = {from.chunk + 1, 0};
            continue;
        }
        sum += entryAt(from).newest.deleted ? 0 : 1;
        from = next(from);
    }
    return sum;
}

std::int64_t KeyIndex::count(std::string_view prefix) const {
    return countBetween(lowerBound(prefix), endOfPrefix(prefix));
}

ListResult KeyIndex::list(std::string_view prefix, std::string_view startAfterKey,
                          std::int64_t limit, Revision at, Revision head) const {
    ListResult result;
    result.revision = at;
    Place place = lowerBound(std::max(prefix, startAfterKey));
    if (place != end() && !startAfterKey.empty() && entryAt(place).key == startAfterKey)
        place = next(place);
    if (place == end() || !startsWith(entryAt(place).key, prefix))
        return result; // the start may be behind the prefix: `last` would never be met
    const Place last = endOfPrefix(prefix);
    for (; !(place == last); place = next(place)) {
        KeyValuePtr seen = entryAt(place).seenAt(at);
        if (!seen)
            continue;
        if (limit > 0 && static_cast<std::int64_t>(result.items.size()) == limit) {
            if (at == head) {
                result.remaining = countBetween(place, last);
                break;
            }
            ++result.remaining;
            continue;
        }
        result.items.push_back(std::move(seen));
    }
    return result;
}

} // namespace orrery::store
