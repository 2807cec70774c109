#include "app/bridge/kinds_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> KindsModel::roleNames() const {
    return {{IdRole, "kindId"},
            {KindRole, "kind"},
            {ApiVersionRole, "apiVersion"},
            {PluralRole, "plural"},
            {GroupRole, "group"},
            {CountRole, "objects"},
            {NamespacedRole, "namespaced"}};
}

QVariant KindsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const KindRow& row =
        rows_[static_cast<std::size_t>(shown_[static_cast<std::size_t>(index.row())])];
    switch (role) {
    case IdRole:
        return text(row.id);
    case Qt::DisplayRole:
    case KindRole:
        return text(row.kind);
    case ApiVersionRole:
        return text(row.apiVersion);
    case PluralRole:
        return text(row.plural);
    case GroupRole:
        return text(row.group);
    case CountRole:
        return QVariant::fromValue(static_cast<qlonglong>(row.count));
    case NamespacedRole:
        return row.namespaced;
    }
    return {};
}

const KindRow* KindsModel::find(const std::string& id) const {
    const auto found = indexes_.find(id);
    return found == indexes_.end() ? nullptr : &rows_[static_cast<std::size_t>(found->second)];
}

void KindsModel::setFilter(const QString& filter) {
    if (filter_ == filter)
        return;
    filter_ = filter;
    reorder();
    emit filterChanged();
}

void KindsModel::reorder() {
    std::vector<int> wanted;
    for (const bool withObjects : {true, false})
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const KindRow& row = rows_[i];
            if ((row.count > 0) != withObjects)
                continue;
            if (filter_.isEmpty() || text(row.kind).contains(filter_, Qt::CaseInsensitive) ||
                text(row.plural).contains(filter_, Qt::CaseInsensitive) ||
                text(row.shortNames).contains(filter_))
                wanted.push_back(static_cast<int>(i));
        }
    if (wanted == shown_)
        return;
    beginResetModel();
    shown_ = std::move(wanted);
    endResetModel();
    emit countChanged();
}

void KindsModel::apply(const Batch& batch) {
    if (!batch.kinds.empty()) {
        beginResetModel();
        rows_ = batch.kinds;
        indexes_.clear();
        shown_.clear();
        for (std::size_t i = 0; i < rows_.size(); ++i)
            indexes_[rows_[i].id] = static_cast<int>(i);
        endResetModel();
        reorder();
    }
    bool appeared = false;
    for (const auto& [id, objects] : batch.counts)
        if (const auto found = indexes_.find(id); found != indexes_.end()) {
            KindRow& row = rows_[static_cast<std::size_t>(found->second)];
            appeared |= (row.count > 0) != (objects > 0);
            row.count = objects;
        }
    if (appeared)
        reorder();
    if (!batch.counts.empty() && count() > 0)
        emit dataChanged(index(0), index(count() - 1), {CountRole});
}

} // namespace orrery::app
