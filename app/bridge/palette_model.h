// What "Find anything, or do something" offers: pages and actions that fit the text, then objects.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/batch.h"

namespace orrery::app {

class PaletteModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
  public:
    // `target`: "page:loops", "action:pause-all", "loop:NAME", "kind:ID" or a store key.
    enum Role { TitleRole = Qt::UserRole, DetailRole, IconRole, TargetRole, ShortcutRole };
    struct Row {
        QString title, detail, icon, target, shortcut, words;
    };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return static_cast<int>(rows_.size()); }

    // `more`: loops and kinds, offered like actions once there is a text.
    void search(const QString& text, const std::vector<Row>& more);
    void setFound(const Found& found);
    QString searched() const { return text_; }

  signals:
    void countChanged();

  private:
    void show();
    QString text_;
    std::vector<Row> offers_, found_, rows_;
};

} // namespace orrery::app
