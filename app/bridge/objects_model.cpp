#include "app/bridge/objects_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> ObjectsModel::roleNames() const {
    return {{KeyRole, "key"},
            {NamespaceRole, "namespaceName"},
            {NameRole, "name"},
            {CellsRole, "cells"}};
}

QVariant ObjectsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const auto found = rows_.find(shown_[static_cast<std::size_t>(index.row())]);
    if (found == rows_.end())
        return {};
    switch (role) {
    case KeyRole:
        return text(found->first);
    case NamespaceRole:
        return text(found->second.namespace_);
    case Qt::DisplayRole:
    case NameRole:
        return text(found->second.name);
    case CellsRole:
        return cellsOf(found->second);
    }
    return {};
}

QStringList ObjectsModel::cellsOf(const TableRow& row) const {
    QStringList cells;
    if (namespaced_)
        cells << text(row.namespace_);
    for (std::size_t i = 0; i < cellIndexes_.size(); ++i) {
        const auto at = static_cast<std::size_t>(cellIndexes_[i]);
        const std::string cell = at < row.cells.size() ? row.cells[at] : std::string();
        if (dates_[i] && !cell.empty() && cell.find_first_not_of("0123456789") == std::string::npos)
            cells << text(humanDuration(
                std::chrono::seconds(std::max<std::int64_t>(0, now_ - std::stoll(cell)))));
        else
            cells << text(cell);
    }
    return cells;
}

QString ObjectsModel::kindId() const {
    return text(id_);
}

bool ObjectsModel::passes(const TableRow& row) const {
    return filter_.isEmpty() || text(row.name).contains(filter_, Qt::CaseInsensitive) ||
           text(row.namespace_).contains(filter_, Qt::CaseInsensitive);
}

void ObjectsModel::open(const std::string& id, bool namespaced) {
    beginResetModel();
    id_ = id;
    namespaced_ = namespaced;
    loading_ = !id.empty();
    rows_.clear();
    shown_.clear();
    columns_.clear();
    widths_.clear();
    filter_.clear();
    left_ = 0;
    endResetModel();
    emit columnsChanged();
    emit countChanged();
    emit filterChanged();
}

void ObjectsModel::widen(const TableRow& row) {
    const QStringList cells = cellsOf(row);
    bool wider = false;
    for (qsizetype i = 0; i < cells.size() && i < widths_.size(); ++i) {
        const int wanted = std::min<int>(40, static_cast<int>(cells[i].size()));
        if (wanted > widths_[i]) {
            widths_[i] = wanted;
            wider = true;
        }
    }
    if (wider)
        emit widthsChanged();
}

void ObjectsModel::reset(const TableChange& change) {
    beginResetModel();
    loading_ = false;
    rows_.clear();
    shown_.clear();
    columns_.clear();
    widths_.clear();
    cellIndexes_.clear();
    dates_.clear();
    if (namespaced_)
        columns_ << QStringLiteral("Namespace");
    for (std::size_t i = 0; i < change.columns.size(); ++i) {
        if (change.columns[i].priority > 0)
            continue;
        columns_ << text(change.columns[i].name);
        cellIndexes_.push_back(static_cast<int>(i));
        dates_.push_back(change.columns[i].type == "date");
    }
    for (const QString& column : std::as_const(columns_))
        widths_ << static_cast<int>(column.size());
    left_ = change.left;
    for (const TableRow& row : change.upserts) {
        rows_[row.key] = row;
        widen(row);
    }
    for (const auto& [key, row] : rows_)
        if (passes(row))
            shown_.push_back(key);
    endResetModel();
    emit columnsChanged();
    emit widthsChanged();
    emit countChanged();
}

void ObjectsModel::upsert(const TableRow& row) {
    rows_[row.key] = row;
    widen(row);
    const auto place = std::lower_bound(shown_.begin(), shown_.end(), row.key);
    const int at = static_cast<int>(place - shown_.begin());
    if (place != shown_.end() && *place == row.key) {
        emit dataChanged(index(at), index(at));
    } else if (passes(row)) {
        beginInsertRows({}, at, at);
        shown_.insert(place, row.key);
        endInsertRows();
    }
}

void ObjectsModel::remove(const std::string& key) {
    const auto place = std::lower_bound(shown_.begin(), shown_.end(), key);
    if (place != shown_.end() && *place == key) {
        const int at = static_cast<int>(place - shown_.begin());
        beginRemoveRows({}, at, at);
        shown_.erase(place);
        endRemoveRows();
    }
    rows_.erase(key);
}

void ObjectsModel::apply(const Batch& batch) {
    for (const TableChange& change : batch.tables) {
        if (change.id != id_)
            continue;
        now_ = epochMillis(batch.at) / 1000;
        if (change.reset) {
            reset(change);
            continue;
        }
        for (const std::string& key : change.gone)
            remove(key);
        for (const TableRow& row : change.upserts)
            upsert(row);
        emit countChanged();
    }
}

void ObjectsModel::setNow(std::int64_t nowSeconds) {
    now_ = nowSeconds;
    if (count() > 0)
        emit dataChanged(index(0), index(count() - 1), {CellsRole});
}

void ObjectsModel::setFilter(const QString& filter) {
    if (filter_ == filter)
        return;
    beginResetModel();
    filter_ = filter;
    shown_.clear();
    for (const auto& [key, row] : rows_)
        if (passes(row))
            shown_.push_back(key);
    endResetModel();
    emit filterChanged();
    emit countChanged();
}

} // namespace orrery::app
