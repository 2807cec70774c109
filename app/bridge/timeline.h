// Revisions over time: the skyline of the time bar.
#pragma once
#include <QtCore/QObject>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/batch.h"

namespace orrery::app {

class Timeline : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
  public:
    static constexpr int kSecondsPerBar = 5;
    static constexpr int kBars = 190; // about a quarter of an hour
    using QObject::QObject;
    void apply(const Batch& batch);
    // Moves the right end to now. Cheap; changed() only when a bar's width has passed.
    void advance(std::int64_t nowSeconds);
    // Oldest first; ends now.
    std::vector<int> bars() const;
    std::int64_t endSeconds() const { return (end_ + 1) * kSecondsPerBar; }

  signals:
    void changed();

  private:
    std::map<std::int64_t, int> counts_; // bar number -> revisions
    std::int64_t end_ = 0;               // the newest bar
};

} // namespace orrery::app
