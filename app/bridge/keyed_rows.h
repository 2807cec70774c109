// Rows found by key in constant time. Removal moves the last row into the hole.
#pragma once
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orrery::app {

template <typename Row> class KeyedRows {
  public:
    int size() const { return static_cast<int>(rows_.size()); }
    const Row& at(int index) const { return rows_[static_cast<std::size_t>(index)]; }
    Row& at(int index) { return rows_[static_cast<std::size_t>(index)]; }
    const std::vector<Row>& all() const { return rows_; }
    // -1 when it is not there.
    int indexOf(const std::string& key) const {
        const auto found = indexes_.find(key);
        return found == indexes_.end() ? -1 : found->second;
    }
    void append(const std::string& key, Row row) {
        indexes_[key] = size();
        keys_.push_back(key);
        rows_.push_back(std::move(row));
    }
    void removeAt(int index) {
        const int last = size() - 1;
        indexes_.erase(keys_[static_cast<std::size_t>(index)]);
        if (index != last) {
            rows_[static_cast<std::size_t>(index)] = std::move(rows_.back());
            keys_[static_cast<std::size_t>(index)] = std::move(keys_.back());
            indexes_[keys_[static_cast<std::size_t>(index)]] = index;
        }
        rows_.pop_back();
        keys_.pop_back();
    }
    void clear() {
        rows_.clear();
        keys_.clear();
        indexes_.clear();
    }

  private:
    std::vector<Row> rows_;
    std::vector<std::string> keys_;
    std::unordered_map<std::string, int> indexes_;
};

} // namespace orrery::app
