// The objects of one kind, as the server's own columns: one model for every kind.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/batch.h"

namespace orrery::app {

class ObjectsModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(QString kindId READ kindId NOTIFY columnsChanged)
    Q_PROPERTY(QStringList columns READ columns NOTIFY columnsChanged)
    // How many characters each column needs, at most 40: for the widths.
    Q_PROPERTY(QList<int> widths READ widths NOTIFY widthsChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int left READ left NOTIFY countChanged)
    Q_PROPERTY(bool loading READ loading NOTIFY countChanged)
    Q_PROPERTY(QString filter READ filter WRITE setFilter NOTIFY filterChanged)
  public:
    enum Role { KeyRole = Qt::UserRole, NamespaceRole, NameRole, CellsRole };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    // What is shown from now on; rows come with later batches.
    void open(const std::string& id, bool namespaced);
    void apply(const Batch& batch);
    void setNow(std::int64_t nowSeconds); // refreshes ages
    QString kindId() const;
    QStringList columns() const { return columns_; }
    QList<int> widths() const { return widths_; }
    int count() const { return static_cast<int>(shown_.size()); }
    int left() const { return static_cast<int>(left_); }
    bool loading() const { return loading_; }
    QString filter() const { return filter_; }
    void setFilter(const QString& filter);

  signals:
    void columnsChanged();
    void widthsChanged();
    void countChanged();
    void filterChanged();

  private:
    bool passes(const TableRow& row) const;
    QStringList cellsOf(const TableRow& row) const;
    void upsert(const TableRow& row);
    void remove(const std::string& key);
    void reset(const TableChange& change);
    void widen(const TableRow& row);

    std::string id_;
    bool namespaced_ = true, loading_ = false;
    QStringList columns_;
    std::vector<int> cellIndexes_; // which cells are shown
    std::vector<bool> dates_;      // of the shown cells
    QList<int> widths_;
    std::map<std::string, TableRow> rows_; // by store key
    std::vector<std::string> shown_;       // keys, sorted
    std::int64_t left_ = 0, now_ = 0;
    QString filter_;
};

} // namespace orrery::app
