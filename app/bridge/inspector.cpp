#include "app/bridge/inspector.h"

#include "app/bridge/text.h"

namespace orrery::app {

using Map = QVariantMap;

static QVariant number(std::int64_t value) {
    return QVariant::fromValue(static_cast<qlonglong>(value));
}

void Inspector::want(const std::string& key) {
    if (wanted_ == key)
        return;
    wanted_ = key;
    shown_.reset();
    log_.clear();
    emit keyChanged();
    emit changed();
    emit logChanged();
}

void Inspector::apply(const Batch& batch) {
    if (batch.log && batch.log->key == wanted_) {
        log_ = (batch.log->reset ? QString() : log_) + text(batch.log->text);
        if (log_.size() > kLogMax)
            log_ = log_.sliced(log_.indexOf(u'\n', log_.size() - kLogMax) + 1);
        emit logChanged();
    }
    if (!batch.inspection || batch.inspection->key != wanted_)
        return;
    shown_ = batch.inspection;
    emit changed();
}

QString Inspector::key() const {
    return text(wanted_);
}
QString Inspector::kind() const {
    return shown_ ? text(shown_->kind) : QString();
}
QString Inspector::name() const {
    // Until the plane has answered, the last part of the key.
    return shown_ ? text(shown_->name) : text(wanted_).section(u'/', -1);
}
QString Inspector::summary() const {
    return shown_ ? text(shown_->summary) : QString();
}
QString Inspector::yaml() const {
    return shown_ ? text(shown_->yaml) : QString();
}
QString Inspector::verdict() const {
    return shown_ ? text(shown_->grid.message) : QString();
}

QVariantList Inspector::facts() const {
    QVariantList rows;
    if (shown_)
        for (const auto& [label, value] : shown_->facts)
            rows << Map{{QStringLiteral("label"), text(label)},
                        {QStringLiteral("value"), text(value)}};
    return rows;
}

QVariantList Inspector::why() const {
    QVariantList rows;
    if (!shown_)
        return rows;
    for (const WhyRow& row : shown_->why)
        rows << Map{{QStringLiteral("who"), text(row.who)},
                    {QStringLiteral("because"), text(row.because)},
                    {QStringLiteral("revision"), number(row.revision)},
                    {QStringLiteral("offset"), QString(u'+' + millisText(row.offsetMs))}};
    return rows;
}

QVariantList Inspector::stations() const {
    QVariantList rows;
    if (!shown_ || shown_->kind != "Pod")
        return rows;
    Time first{};
    for (const StationRow& row : shown_->stations)
        if (first == Time{} || row.at < first)
            first = row.at;
    for (int i = 0; i < kStationCount; ++i) {
        const auto station = static_cast<Station>(i);
        Map map{{QStringLiteral("name"), text(std::string(stationName(station)))},
                {QStringLiteral("reached"), false},
                {QStringLiteral("offset"), QString()},
                {QStringLiteral("time"), QString()},
                {QStringLiteral("note"), QString()}};
        for (const StationRow& row : shown_->stations)
            if (row.station == station) {
                const double offset =
                    std::chrono::duration<double, std::milli>(row.at - first).count();
                map[QStringLiteral("reached")] = true;
                map[QStringLiteral("offset")] = QString(u'+' + millisText(offset));
                map[QStringLiteral("time")] = clockText(row.at);
                map[QStringLiteral("note")] = text(row.note);
            }
        rows << map;
    }
    return rows;
}

int Inspector::reached() const {
    int newest = -1;
    if (shown_)
        for (const StationRow& row : shown_->stations)
            newest = std::max(newest, static_cast<int>(row.station));
    return newest;
}

QStringList Inspector::plugins() const {
    QStringList names;
    if (shown_)
        for (const std::string& plugin : shown_->grid.plugins)
            names << text(plugin);
    return names;
}

QVariantList Inspector::grid() const {
    QVariantList rows;
    if (!shown_)
        return rows;
    for (const GridRow& row : shown_->grid.rows) {
        QVariantList cells;
        for (const GridCell& cell : row.cells)
            cells << Map{{QStringLiteral("text"), text(cell.text)},
                         {QStringLiteral("percent"), cell.percent}};
        rows << Map{{QStringLiteral("node"), text(row.node)},
                    {QStringLiteral("reason"), text(row.reason)},
                    {QStringLiteral("chosen"), row.chosen},
                    {QStringLiteral("total"), number(row.total)},
                    {QStringLiteral("cells"), cells}};
    }
    return rows;
}

QVariantList Inspector::events() const {
    QVariantList rows;
    if (!shown_)
        return rows;
    for (const EventRow& row : shown_->events)
        rows << Map{{QStringLiteral("type"), text(row.type)},
                    {QStringLiteral("reason"), text(row.reason)},
                    {QStringLiteral("message"), text(row.message)},
                    {QStringLiteral("from"), text(row.from)},
                    {QStringLiteral("count"), number(row.count)},
                    {QStringLiteral("time"), clockSeconds(row.last)}};
    return rows;
}

QVariantList Inspector::versions() const {
    QVariantList rows;
    if (!shown_)
        return rows;
    for (const VersionRow& row : shown_->versions)
        rows << Map{{QStringLiteral("revision"), number(row.revision)},
                    {QStringLiteral("number"), groupedNumber(row.revision)},
                    {QStringLiteral("who"), loopTitle(row.who)},
                    {QStringLiteral("verb"), text(row.verb)},
                    {QStringLiteral("because"), text(row.because)},
                    {QStringLiteral("size"), sizeText(row.bytes)},
                    {QStringLiteral("time"), clockText(row.at)}};
    return rows;
}

QVariantList Inspector::diff() const {
    QVariantList rows;
    if (!shown_)
        return rows;
    for (const DiffRow& row : shown_->diff)
        rows << Map{{QStringLiteral("depth"), row.depth},
                    {QStringLiteral("label"), text(row.label)},
                    {QStringLiteral("before"), text(row.before)},
                    {QStringLiteral("after"), text(row.after)},
                    {QStringLiteral("what"), static_cast<int>(row.what)}};
    return rows;
}

} // namespace orrery::app
