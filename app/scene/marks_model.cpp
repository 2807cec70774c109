#include "app/scene/marks_model.h"

namespace orrery::app {

QHash<int, QByteArray> MarksModel::roleNames() const {
    return {{NameRole, "name"},         {TitleRole, "title"},     {DetailRole, "detail"},
            {XRole, "markX"},           {YRole, "markY"},         {WidthRole, "markWidth"},
            {HeightRole, "markHeight"}, {ValueRole, "value"},     {OnRole, "on"},
            {LitRole, "lit"},           {StyleRole, "markStyle"}, {LabelRole, "label"}};
}

QVariant MarksModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const Mark& mark = marks_[static_cast<std::size_t>(index.row())];
    switch (role) {
    case NameRole:
        return mark.name;
    case Qt::DisplayRole:
    case TitleRole:
        return mark.title;
    case DetailRole:
        return mark.detail;
    case XRole:
        return mark.rect.x();
    case YRole:
        return mark.rect.y();
    case WidthRole:
        return mark.rect.width();
    case HeightRole:
        return mark.rect.height();
    case ValueRole:
        return mark.value;
    case OnRole:
        return mark.on;
    case LitRole:
        return mark.lit;
    case StyleRole:
        return mark.style;
    case LabelRole:
        return mark.label;
    }
    return {};
}

void MarksModel::set(std::vector<Mark> marks) {
    const int before = count(), after = static_cast<int>(marks.size());
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        marks_.resize(marks.size());
        endRemoveRows();
    }
    for (int i = 0; i < std::min(before, after); ++i) {
        Mark& mark = marks_[static_cast<std::size_t>(i)];
        if (mark == marks[static_cast<std::size_t>(i)])
            continue;
        mark = std::move(marks[static_cast<std::size_t>(i)]);
        emit dataChanged(index(i), index(i));
    }
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        for (int i = before; i < after; ++i)
            marks_.push_back(std::move(marks[static_cast<std::size_t>(i)]));
        endInsertRows();
    }
    if (before != after)
        emit countChanged();
}

} // namespace orrery::app
