#include "app/bridge/pods_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> PodsModel::roleNames() const {
    return {{KeyRole, "key"},           {NameRole, "name"},   {NamespaceRole, "namespaceName"},
            {NodeNameRole, "nodeName"}, {ShapeRole, "shape"}, {StatusRole, "status"},
            {WaitingRole, "waiting"}};
}

QVariant PodsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rows_.size())
        return {};
    const PodRow& row = rows_.at(index.row());
    switch (role) {
    case KeyRole:
        return text(row.key);
    case Qt::DisplayRole:
    case NameRole:
        return text(row.name);
    case NamespaceRole:
        return text(row.namespace_);
    case NodeNameRole:
        return text(row.nodeName);
    case ShapeRole:
        return static_cast<int>(row.shape);
    case StatusRole:
        return text(row.status);
    case WaitingRole:
        return text(row.waiting);
    }
    return {};
}

const PodRow* PodsModel::find(const std::string& key) const {
    const int index = rows_.indexOf(key);
    return index < 0 ? nullptr : &rows_.at(index);
}

NodeLoad PodsModel::load(const std::string& node) const {
    const auto found = loads_.find(node);
    return found == loads_.end() ? NodeLoad{} : found->second;
}

void PodsModel::take(const PodRow& row, int sign, std::set<std::string>& touched) {
    if (sign > 0 && row.nodeName.empty() && !row.waiting.empty())
        waiting_[row.key] = row.waiting;
    else
        waiting_.erase(row.key);
    if (row.nodeName.empty())
        return;
    touched.insert(row.nodeName);
    NodeLoad& load = loads_[row.nodeName];
    load.pods += sign;
    // What has ended holds nothing.
    if (row.shape != PodShape::Succeeded && row.shape != PodShape::Failed) {
        load.cpuMillis += sign * row.cpuMillis;
        load.memoryBytes += sign * row.memoryBytes;
    }
    if (load.pods == 0)
        loads_.erase(row.nodeName);
}

std::set<std::string> PodsModel::apply(const Batch& batch) {
    std::set<std::string> touched;
    for (const std::string& key : batch.podsGone) {
        const int index = rows_.indexOf(key);
        if (index < 0)
            continue;
        take(rows_.at(index), -1, touched);
        const int last = rows_.size() - 1;
        beginRemoveRows({}, last, last);
        rows_.removeAt(index);
        endRemoveRows();
        if (index != last)
            emit dataChanged(this->index(index), this->index(index));
    }
    std::vector<const PodRow*> fresh;
    for (const PodRow& row : batch.pods) {
        const int index = rows_.indexOf(row.key);
        if (index < 0) {
            fresh.push_back(&row);
            continue;
        }
        take(rows_.at(index), -1, touched);
        rows_.at(index) = row;
        take(row, 1, touched);
        emit dataChanged(this->index(index), this->index(index));
    }
    if (!fresh.empty()) {
        beginInsertRows({}, rows_.size(), rows_.size() + static_cast<int>(fresh.size()) - 1);
        for (const PodRow* row : fresh) {
            rows_.append(row->key, *row);
            take(*row, 1, touched);
        }
        endInsertRows();
    }
    if (!batch.pods.empty() || !batch.podsGone.empty())
        emit countChanged();
    return touched;
}

QString PodsModel::waitingReason() const {
    std::map<std::string, int> reasons;
    for (const auto& [key, reason] : waiting_)
        ++reasons[reason];
    const std::string* best = nullptr;
    int most = 0;
    for (const auto& [reason, count] : reasons)
        if (count > most) {
            most = count;
            best = &reason;
        }
    return best ? text(*best) : QString();
}

} // namespace orrery::app
