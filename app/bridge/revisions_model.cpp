#include "app/bridge/revisions_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> RevisionsModel::roleNames() const {
    return {{RevisionRole, "revision"}, {NumberRole, "number"},   {TimeRole, "time"},
            {WhoRole, "who"},           {VerbRole, "verb"},       {KeyRole, "key"},
            {SizeRole, "size"},         {BecauseRole, "because"}, {WokenByRole, "wokenBy"}};
}

QVariant RevisionsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const RevisionRow& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
    case RevisionRole:
        return QVariant::fromValue(static_cast<qlonglong>(row.revision));
    case Qt::DisplayRole:
    case NumberRole:
        return groupedNumber(row.revision);
    case TimeRole:
        return clockText(row.at);
    case WhoRole:
        return loopTitle(row.who);
    case VerbRole:
        return text(row.verb);
    case KeyRole:
        return text(row.key);
    case SizeRole:
        return sizeText(row.bytes);
    case BecauseRole:
        return text(row.because);
    case WokenByRole:
        return QVariant::fromValue(static_cast<qlonglong>(row.wokenBy));
    }
    return {};
}

void RevisionsModel::apply(const Batch& batch) {
    // Only the newest kRowsMax of a large batch are taken.
    const auto skip = batch.revisions.size() > kRowsMax ? batch.revisions.size() - kRowsMax : 0;
    const int fresh = static_cast<int>(batch.revisions.size() - skip);
    if (fresh == 0)
        return;
    if (const int over = count() + fresh - kRowsMax; over > 0) {
        const int keep = count() - over;
        beginRemoveRows({}, keep, count() - 1);
        rows_.resize(static_cast<std::size_t>(keep));
        endRemoveRows();
    }
    beginInsertRows({}, 0, fresh - 1);
    for (auto row = batch.revisions.begin() + static_cast<std::ptrdiff_t>(skip);
         row != batch.revisions.end(); ++row)
        rows_.push_front(*row);
    endInsertRows();
    emit countChanged();
}

int RevisionsModel::rowOf(qlonglong revision) const {
    // Newest first: descending revisions.
    const auto found = std::lower_bound(
        rows_.begin(), rows_.end(), revision,
        [](const RevisionRow& row, qlonglong wanted) { return row.revision > wanted; });
    return found != rows_.end() && found->revision == revision
               ? static_cast<int>(found - rows_.begin())
               : -1;
}

static QVariantMap linkOf(const RevisionRow& row) {
    return {{QStringLiteral("who"), loopTitle(row.who)},
            {QStringLiteral("because"), text(row.because)},
            {QStringLiteral("key"), text(row.key)},
            {QStringLiteral("verb"), text(row.verb)},
            {QStringLiteral("revision"), QVariant::fromValue(static_cast<qlonglong>(row.revision))},
            {QStringLiteral("number"), QStringLiteral("rev ") + groupedNumber(row.revision)}};
}

QVariantList RevisionsModel::causes(const RevisionRow& row) const {
    QVariantList chain;
    const RevisionRow* at = &row;
    for (int depth = 0; depth < 20; ++depth) {
        chain.prepend(linkOf(*at));
        const int before = at->wokenBy == 0 ? -1 : rowOf(at->wokenBy);
        if (before < 0)
            break;
        at = &rows_[static_cast<std::size_t>(before)];
    }
    return chain;
}

QVariantList RevisionsModel::ledTo(qlonglong revision) const {
    QVariantList result;
    for (const RevisionRow& row : rows_) {
        if (row.revision <= revision)
            break;
        if (row.wokenBy == revision)
            result.prepend(linkOf(row));
    }
    return result.mid(0, 12);
}

QVariantMap RevisionsModel::about(qlonglong revision) const {
    const int index = rowOf(revision);
    if (index < 0)
        return {};
    const RevisionRow& row = rows_[static_cast<std::size_t>(index)];
    QVariantMap result = linkOf(row);
    result[QStringLiteral("time")] = clockText(row.at);
    result[QStringLiteral("size")] = sizeText(row.bytes);
    result[QStringLiteral("causes")] = causes(row);
    result[QStringLiteral("ledTo")] = ledTo(revision);
    return result;
}

} // namespace orrery::app
