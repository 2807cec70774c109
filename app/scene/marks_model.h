// Named places on the map for words in QML: rings of loops, nodes, pods on their way. Changes in
// place where it can.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtCore/QRectF>
#include <QtQml/qqmlregistration.h>
#include <vector>

namespace orrery::app {

struct Mark {
    QString name, title, detail;
    QRectF rect;
    QRectF label;     // where its words stand, from the corner of `rect`; empty: nowhere
    int value = 0;    // queue length, cpu percent
    bool on = false;  // paused, ready
    bool lit = false; // busy, selected
    int style = 0;
    friend bool operator==(const Mark& a, const Mark& b) {
        return a.name == b.name && a.title == b.title && a.detail == b.detail && a.rect == b.rect &&
               a.label == b.label && a.value == b.value && a.on == b.on && a.lit == b.lit &&
               a.style == b.style;
    }
};

class MarksModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the map")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
  public:
    enum Role {
        NameRole = Qt::UserRole,
        TitleRole,
        DetailRole,
        XRole,
        YRole,
        WidthRole,
        HeightRole,
        ValueRole,
        OnRole,
        LitRole,
        StyleRole,
        LabelRole
    };
    using QAbstractListModel::QAbstractListModel;
    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return static_cast<int>(marks_.size()); }
    void set(std::vector<Mark> marks);

  signals:
    void countChanged();

  private:
    std::vector<Mark> marks_;
};

} // namespace orrery::app
