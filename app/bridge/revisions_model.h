// The newest revisions of the store, newest first.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <deque>

#include "app/bridge/batch.h"

namespace orrery::app {

class RevisionsModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
  public:
    static constexpr int kRowsMax = 5000;
    enum Role {
        RevisionRole = Qt::UserRole,
        NumberRole,
        TimeRole,
        WhoRole,
        VerbRole,
        KeyRole,
        SizeRole,
        BecauseRole,
        WokenByRole
    };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    void apply(const Batch& batch);
    int count() const { return static_cast<int>(rows_.size()); }
    const std::deque<RevisionRow>& rows() const { return rows_; } // newest first
    // The row of a revision, or -1.
    Q_INVOKABLE int rowOf(qlonglong revision) const;
    // Everything about one revision, and what it led to: for the panel. Empty when it is no longer
    // kept.
    Q_INVOKABLE QVariantMap about(qlonglong revision) const;

  signals:
    void countChanged();

  private:
    QVariantList ledTo(qlonglong revision) const;
    QVariantList causes(const RevisionRow& row) const;
    std::deque<RevisionRow> rows_;
};

} // namespace orrery::app
