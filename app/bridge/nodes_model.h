// Every node, in the order of names as people count (node-2 before node-10).
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <set>

#include "app/bridge/batch.h"

namespace orrery::app {

class PodsModel;

class NodesModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
  public:
    enum Role {
        NameRole = Qt::UserRole,
        RuntimeRole,
        ReadyRole,
        UnschedulableRole,
        CpuRole,    // percent of what it can give that its pods ask for
        MemoryRole, // the same
        PodsRole,
    };
    explicit NodesModel(const PodsModel& pods, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(rows_.size());
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    // `loaded`: nodes whose pods changed.
    void apply(const Batch& batch, const std::set<std::string>& loaded);
    int count() const { return static_cast<int>(rows_.size()); }
    int indexOf(const std::string& name) const; // -1: not there
    const std::vector<NodeRow>& rows() const { return rows_; }

  signals:
    void countChanged();

  private:
    void upsert(const NodeRow& row);
    void reindex();
    const PodsModel& pods_;
    std::vector<NodeRow> rows_;
    std::map<std::string, int> indexes_;
};

} // namespace orrery::app
