// Every pod of the cluster, and what each node carries.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <set>

#include "app/bridge/batch.h"
#include "app/bridge/keyed_rows.h"

namespace orrery::app {

// What the pods of one node ask for.
struct NodeLoad {
    std::int64_t cpuMillis = 0, memoryBytes = 0;
    int pods = 0;
};

class PodsModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int waitingCount READ waitingCount NOTIFY countChanged)
    Q_PROPERTY(QString waitingReason READ waitingReason NOTIFY countChanged)
  public:
    enum Role {
        KeyRole = Qt::UserRole,
        NameRole,
        NamespaceRole,
        NodeNameRole,
        ShapeRole,
        StatusRole,
        WaitingRole
    };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : rows_.size();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    // Returns the nodes whose load changed.
    std::set<std::string> apply(const Batch& batch);
    int count() const { return rows_.size(); }
    int waitingCount() const { return static_cast<int>(waiting_.size()); }
    // The most frequent reason of the pods that wait, in Kubernetes' words.
    QString waitingReason() const;
    const PodRow* find(const std::string& key) const;
    const std::vector<PodRow>& rows() const { return rows_.all(); }
    NodeLoad load(const std::string& node) const;

  signals:
    void countChanged();

  private:
    void take(const PodRow& row, int sign, std::set<std::string>& touched);
    KeyedRows<PodRow> rows_;
    std::map<std::string, NodeLoad> loads_;
    std::map<std::string, std::string> waiting_; // key -> reason, of those that have one
};

} // namespace orrery::app
