// The store's keys as a tree, flattened: "/registry", its resources, and the keys of those that are
// open.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <set>

#include "app/bridge/batch.h"

namespace orrery::app {

class KeysModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
  public:
    enum Role { KeyRole = Qt::UserRole, LabelRole, DepthRole, OpenRole, LeafRole, DetailRole };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    void apply(const Batch& batch);
    int count() const { return static_cast<int>(rows_.size()); }
    bool isOpen(const std::string& prefix) const { return open_.count(prefix) > 0; }
    void setOpen(const std::string& prefix, bool open);

  signals:
    void countChanged();

  private:
    struct Row {
        std::string key, label, detail;
        int depth = 0;
        bool leaf = false, open = false;
    };
    void rebuild();
    std::vector<Row> rows_;
    std::map<std::string, std::int64_t> resources_; // key prefix -> objects
    std::map<std::string, std::string> prefixes_;   // kind id -> key prefix
    std::set<std::string> open_;
    std::map<std::string, KeyListing> listings_;
};

} // namespace orrery::app
