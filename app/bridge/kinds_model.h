// Every kind that the server knows, with the number of its objects: those that have some come
// first.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/batch.h"

namespace orrery::app {

class KindsModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString filter READ filter WRITE setFilter NOTIFY filterChanged)
  public:
    enum Role {
        IdRole = Qt::UserRole,
        KindRole,
        ApiVersionRole,
        PluralRole,
        GroupRole,
        CountRole,
        NamespacedRole
    };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    void apply(const Batch& batch);
    int count() const { return static_cast<int>(shown_.size()); }
    const std::vector<KindRow>& all() const { return rows_; }
    const KindRow* find(const std::string& id) const;
    QString filter() const { return filter_; }
    void setFilter(const QString& filter);

  signals:
    void countChanged();
    void filterChanged();

  private:
    void reorder();
    std::vector<KindRow> rows_;
    std::map<std::string, int> indexes_;
    std::vector<int> shown_; // indexes into rows_
    QString filter_;
};

} // namespace orrery::app
