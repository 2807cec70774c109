// Every control loop, in the order of their start.
#pragma once
#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <array>

#include "app/bridge/batch.h"
#include "app/bridge/keyed_rows.h"

namespace orrery::app {

class LoopsModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool allPaused READ allPaused NOTIFY pausedChanged)
    Q_PROPERTY(int pausedCount READ pausedCount NOTIFY pausedChanged)
  public:
    enum Role {
        NameRole = Qt::UserRole,
        TitleRole,
        KubeletRole,
        PausedRole,
        QueueLengthRole,
        StepsRole,
        ActivityRole, // steps in each 5 s of the last minute, oldest first
        RateRole,     // steps a second in the last 10 s, as text
        ShareRole,    // 0..1: of the work that all loops did in the last minute
        DecidedRole,
        BecauseRole,
        KeyRole,
        WokenRole,
        ErrorRole,
        RevisionRole,
        TookRole,
        AtRole,
    };
    static constexpr int kBuckets = 12;
    static constexpr int kBucketSeconds = 5;
    using Activity = std::array<int, kBuckets>;
    struct Entry {
        LoopRow row;
        Activity activity{}; // ends with the bucket of `LoopsModel::bucket_`
        bool seen = false;   // a batch told of it
        int inLastBatch = 0; // steps that the newest batch told of
    };
    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : count();
    }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    void apply(const Batch& batch);
    // Moves the last minute on. Returns whether a loop still has activity in it.
    bool advance(std::int64_t nowSeconds);
    int count() const { return static_cast<int>(entries_.size()); }
    int pausedCount() const;
    bool allPaused() const { return count() > 0 && pausedCount() == count(); }
    const Entry& entry(int index) const { return entries_[static_cast<std::size_t>(index)]; }
    int indexOf(const std::string& name) const; // -1: not there
    double share(int index) const;
    Q_INVOKABLE int rowOf(const QString& name) const { return indexOf(name.toStdString()); }

  signals:
    void countChanged();
    void pausedChanged();

  private:
    void setLoops(const std::vector<std::string>& names);
    std::vector<Entry> entries_;
    std::map<std::string, int> indexes_;
    std::int64_t bucket_ = 0;
    int minuteTotal_ = 0; // of all loops but kubelets
};

} // namespace orrery::app
