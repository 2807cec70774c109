#include "app/bridge/nodes_model.h"

#include "app/bridge/pods_model.h"
#include "app/bridge/text.h"

namespace orrery::app {

NodesModel::NodesModel(const PodsModel& pods, QObject* parent)
    : QAbstractListModel(parent), pods_(pods) {}

QHash<int, QByteArray> NodesModel::roleNames() const {
    return {{NameRole, "name"},   {RuntimeRole, "runtime"},
            {ReadyRole, "ready"}, {UnschedulableRole, "unschedulable"},
            {CpuRole, "cpu"},     {MemoryRole, "memory"},
            {PodsRole, "pods"}};
}

QVariant NodesModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const NodeRow& row = rows_[static_cast<std::size_t>(index.row())];
    const NodeLoad load = pods_.load(row.name);
    const auto percent = [](std::int64_t part, std::int64_t whole) {
        return whole <= 0 ? 0
                          : static_cast<int>(std::lround(100.0 * static_cast<double>(part) /
                                                         static_cast<double>(whole)));
    };
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return text(row.name);
    case RuntimeRole:
        return text(row.runtime);
    case ReadyRole:
        return row.ready;
    case UnschedulableRole:
        return row.unschedulable;
    case CpuRole:
        return percent(load.cpuMillis, row.cpuMillis);
    case MemoryRole:
        return percent(load.memoryBytes, row.memoryBytes);
    case PodsRole:
        return load.pods;
    }
    return {};
}

int NodesModel::indexOf(const std::string& name) const {
    const auto found = indexes_.find(name);
    return found == indexes_.end() ? -1 : found->second;
}

void NodesModel::reindex() {
    indexes_.clear();
    for (int i = 0; i < count(); ++i)
        indexes_[rows_[static_cast<std::size_t>(i)].name] = i;
}

void NodesModel::upsert(const NodeRow& row) {
    if (const int known = indexOf(row.name); known >= 0) {
        rows_[static_cast<std::size_t>(known)] = row;
        emit dataChanged(index(known), index(known));
        return;
    }
    const auto place = std::lower_bound(
        rows_.begin(), rows_.end(), row.name,
        [](const NodeRow& a, const std::string& b) { return countsBefore(a.name, b); });
    const int at = static_cast<int>(place - rows_.begin());
    beginInsertRows({}, at, at);
    rows_.insert(place, row);
    if (at == count() - 1)
        indexes_[row.name] = at;
    else
        reindex();
    endInsertRows();
}

void NodesModel::apply(const Batch& batch, const std::set<std::string>& loaded) {
    const int before = count();
    for (const std::string& name : batch.nodesGone)
        if (const int at = indexOf(name); at >= 0) {
            beginRemoveRows({}, at, at);
            rows_.erase(rows_.begin() + at);
            reindex();
            endRemoveRows();
        }
    if (rows_.empty() && batch.nodes.size() > 1) { // the first list: sorted once
        beginResetModel();
        rows_ = batch.nodes;
        std::sort(rows_.begin(), rows_.end(),
                  [](const NodeRow& a, const NodeRow& b) { return countsBefore(a.name, b.name); });
        reindex();
        endResetModel();
    } else {
        for (const NodeRow& row : batch.nodes)
            upsert(row);
    }
    for (const std::string& name : loaded)
        if (const int at = indexOf(name); at >= 0)
            emit dataChanged(index(at), index(at), {CpuRole, MemoryRole, PodsRole});
    if (count() != before)
        emit countChanged();
}

} // namespace orrery::app
