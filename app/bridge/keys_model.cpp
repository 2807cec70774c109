#include "app/bridge/keys_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> KeysModel::roleNames() const {
    return {{KeyRole, "key"},   {LabelRole, "label"}, {DepthRole, "depth"},
            {OpenRole, "open"}, {LeafRole, "leaf"},   {DetailRole, "detail"}};
}

QVariant KeysModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const Row& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
    case KeyRole:
        return text(row.key);
    case Qt::DisplayRole:
    case LabelRole:
        return text(row.label);
    case DepthRole:
        return row.depth;
    case OpenRole:
        return row.open;
    case LeafRole:
        return row.leaf;
    case DetailRole:
        return text(row.detail);
    }
    return {};
}

void KeysModel::setOpen(const std::string& prefix, bool open) {
    if (open)
        open_.insert(prefix);
    else
        open_.erase(prefix);
    rebuild();
}

void KeysModel::apply(const Batch& batch) {
    bool changed = !batch.keys.empty();
    for (const KindRow& kind : batch.kinds) {
        prefixes_[kind.id] = kind.keyPrefix;
        if (kind.count > 0)
            resources_[kind.keyPrefix] = kind.count;
        changed = true;
    }
    for (const auto& [id, objects] : batch.counts)
        if (const auto prefix = prefixes_.find(id); prefix != prefixes_.end()) {
            changed = true;
            if (objects > 0)
                resources_[prefix->second] = objects;
            else
                resources_.erase(prefix->second);
        }
    for (const KeyListing& listing : batch.keys)
        listings_[listing.prefix] = listing;
    if (changed)
        rebuild();
}

void KeysModel::rebuild() {
    std::vector<Row> rows;
    std::int64_t total = 0;
    for (const auto& [prefix, objects] : resources_)
        total += objects;
    rows.push_back({"/registry", "/registry", groupedNumber(total).toStdString(), 0, false, true});
    constexpr std::size_t kRoot = 10; // "/registry/"
    for (const auto& [prefix, objects] : resources_) {
        const bool open = isOpen(prefix);
        rows.push_back({prefix, prefix.substr(kRoot, prefix.size() - kRoot - 1),
                        groupedNumber(objects).toStdString(), 1, false, open});
        const auto listing = listings_.find(prefix);
        if (!open || listing == listings_.end())
            continue;
        for (const KeyRow& key : listing->second.rows)
            rows.push_back(
                {key.key, key.label,
                 std::to_string(key.version) + (key.version == 1 ? " version" : " versions"), 2,
                 true, false});
        if (listing->second.left > 0)
            rows.push_back({"",
                            "and " + groupedNumber(listing->second.left).toStdString() + " more",
                            "", 2, true, false});
    }
    // Rows that only changed in place keep the view where it is.
    const bool same = rows.size() == rows_.size() &&
                      std::equal(rows.begin(), rows.end(), rows_.begin(),
                                 [](const Row& a, const Row& b) { return a.key == b.key; });
    if (same) {
        rows_ = std::move(rows);
        if (count() > 0)
            emit dataChanged(index(0), index(count() - 1));
        return;
    }
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
    emit countChanged();
}

} // namespace orrery::app
