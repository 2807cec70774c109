#include "app/bridge/loops_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

QHash<int, QByteArray> LoopsModel::roleNames() const {
    return {{NameRole, "name"},
            {TitleRole, "title"},
            {KubeletRole, "kubelet"},
            {PausedRole, "paused"},
            {QueueLengthRole, "queueLength"},
            {StepsRole, "steps"},
            {ActivityRole, "activity"},
            {RateRole, "rate"},
            {ShareRole, "share"},
            {DecidedRole, "decided"},
            {BecauseRole, "because"},
            {KeyRole, "key"},
            {WokenRole, "woken"},
            {ErrorRole, "error"},
            {RevisionRole, "revision"},
            {TookRole, "took"},
            {AtRole, "at"}};
}

static QString rateText(const LoopsModel::Activity& activity) {
    const double rate = (activity[LoopsModel::kBuckets - 1] + activity[LoopsModel::kBuckets - 2]) /
                        (2.0 * LoopsModel::kBucketSeconds);
    return QStringLiteral("%1 /s").arg(rate, 0, 'f', rate > 0 && rate < 10 ? 1 : 0);
}

QVariant LoopsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const Entry& entry = entries_[static_cast<std::size_t>(index.row())];
    const LoopRow& row = entry.row;
    switch (role) {
    case NameRole:
        return text(row.name);
    case Qt::DisplayRole:
    case TitleRole:
        return loopTitle(row.name);
    case KubeletRole:
        return isKubelet(row.name);
    case PausedRole:
        return row.paused;
    case QueueLengthRole:
        return row.queueLength;
    case StepsRole:
        return QVariant::fromValue(static_cast<qlonglong>(row.steps));
    case ActivityRole:
        return QVariant::fromValue(QList<int>(entry.activity.begin(), entry.activity.end()));
    case RateRole:
        return rateText(entry.activity);
    case ShareRole:
        return share(index.row());
    case DecidedRole:
        return row.error.empty() ? splitDecision(row.decided).what : text(row.error);
    case BecauseRole:
        return splitDecision(row.decided).because;
    case KeyRole:
        return text(row.key);
    case WokenRole:
        return text(row.woken);
    case ErrorRole:
        return text(row.error);
    case RevisionRole:
        return QVariant::fromValue(static_cast<qlonglong>(row.revision));
    case TookRole:
        return millisText(std::chrono::duration<double, std::milli>(row.took).count());
    case AtRole:
        return clockText(row.at);
    }
    return {};
}

int LoopsModel::indexOf(const std::string& name) const {
    const auto found = indexes_.find(name);
    return found == indexes_.end() ? -1 : found->second;
}

double LoopsModel::share(int index) const {
    int own = 0;
    for (const int steps : entries_[static_cast<std::size_t>(index)].activity)
        own += steps;
    return minuteTotal_ == 0 ? 0 : std::min(1.0, static_cast<double>(own) / minuteTotal_);
}

int LoopsModel::pausedCount() const {
    return static_cast<int>(std::count_if(entries_.begin(), entries_.end(),
                                          [](const Entry& entry) { return entry.row.paused; }));
}

void LoopsModel::setLoops(const std::vector<std::string>& names) {
    beginResetModel();
    std::vector<Entry> next;
    std::map<std::string, int> indexes;
    for (const std::string& name : names) {
        const int known = indexOf(name);
        indexes[name] = static_cast<int>(next.size());
        next.push_back(known >= 0 ? std::move(entries_[static_cast<std::size_t>(known)]) : Entry{});
        next.back().row.name = name;
    }
    entries_ = std::move(next);
    indexes_ = std::move(indexes);
    endResetModel();
    emit countChanged();
}

void LoopsModel::apply(const Batch& batch) {
    for (Entry& entry : entries_)
        entry.inLastBatch = 0;
    if (batch.loopsChanged)
        setLoops(batch.loopNames);
    if (batch.loops.empty())
        return;
    advance(epochMillis(batch.at) / 1000);
    bool paused = false;
    for (const LoopRow& row : batch.loops) {
        const int at = indexOf(row.name);
        if (at < 0)
            continue;
        Entry& entry = entries_[static_cast<std::size_t>(at)];
        // What was done before the window was there is not this minute's work.
        const auto steps =
            !entry.seen ? 0
                        : static_cast<int>(std::max<std::int64_t>(0, row.steps - entry.row.steps));
        entry.seen = true;
        paused |= entry.row.paused != row.paused;
        entry.inLastBatch = steps;
        entry.activity.back() += steps;
        if (!isKubelet(row.name))
            minuteTotal_ += steps;
        entry.row = row;
        emit dataChanged(index(at), index(at));
    }
    emit dataChanged(index(0), index(count() - 1), {ShareRole}); // a share is of all
    if (paused)
        emit pausedChanged();
}

bool LoopsModel::advance(std::int64_t nowSeconds) {
    const std::int64_t now = nowSeconds / kBucketSeconds;
    const auto shift = static_cast<int>(std::clamp<std::int64_t>(now - bucket_, 0, kBuckets));
    bucket_ = std::max(bucket_, now);
    bool active = false;
    minuteTotal_ = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        Activity& activity = entries_[i].activity;
        const bool had =
            std::any_of(activity.begin(), activity.end(), [](int steps) { return steps > 0; });
        if (had && shift > 0) {
            std::rotate(activity.begin(), activity.begin() + shift, activity.end());
            std::fill(activity.end() - shift, activity.end(), 0);
            const int row = static_cast<int>(i);
            emit dataChanged(index(row), index(row), {ActivityRole, RateRole, ShareRole});
        }
        for (const int steps : activity) {
            active |= steps > 0;
            if (!isKubelet(entries_[i].row.name))
                minuteTotal_ += steps;
        }
    }
    return active;
}

} // namespace orrery::app
