#include "app/bridge/session.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>

#include "app/bridge/text.h"

namespace orrery::app {

namespace {
constexpr qint64 kFileBytesMax = 16 << 20;
constexpr int kFilesMax = 500;
} // namespace

Session::Session(Commands& commands, QObject* parent)
    : QObject(parent), commands_(commands), nodes_(pods_) {
    tick_.setTimerType(Qt::CoarseTimer);
    connect(&tick_, &QTimer::timeout, this, &Session::onTick);
    onTick();
}

void Session::take(BatchPtr batch) {
    nodes_.apply(*batch, pods_.apply(*batch));
    loops_.apply(*batch);
    revisions_.apply(*batch);
    kinds_.apply(*batch);
    objects_.apply(*batch);
    keys_.apply(*batch);
    inspector_.apply(*batch);
    timeline_.apply(*batch);
    if (batch->found)
        palette_.setFound(*batch->found);
    if (batch->facts) {
        facts_ = batch->facts;
        emit factsChanged();
    }
    if (batch->loopDetail)
        takeLoopDetail(*batch->loopDetail);
    if (batch->applied)
        takeApplied(*batch->applied);
    if (revision_ != batch->revision || storeBytes_ != batch->storeBytes) {
        revision_ = batch->revision;
        compactRevision_ = batch->compactRevision;
        storeBytes_ = batch->storeBytes;
        emit revisionChanged();
    }
    if (!batch->failure.empty())
        setPhase(Failed, text(batch->failure));
    else if (phase_ == Starting)
        setPhase(Running);
    onTick();
    emit taken(*batch);
    // Not before the next frame: one batch a frame.
    QTimer::singleShot(16, this, [this] { commands_.ready(); });
}

void Session::setPhase(Phase phase, const QString& failure) {
    if (phase_ == phase && failure_ == failure)
        return;
    phase_ = phase;
    failure_ = failure;
    emit phaseChanged();
}

void Session::onTick() {
    const QDateTime now = QDateTime::currentDateTime();
    if (const QString clock = now.toString(u"HH:mm:ss"); clock != clock_) {
        clock_ = clock;
        emit clockChanged();
    }
    const std::int64_t seconds = now.toSecsSinceEpoch();
    timeline_.advance(seconds);
    if (seconds >= agesAt_ + LoopsModel::kBucketSeconds) {
        agesAt_ = seconds;
        loops_.advance(seconds);
        objects_.setNow(seconds);
    }
}

void Session::setTickSeconds(int seconds) {
    if (seconds == tickSeconds())
        return;
    if (seconds > 0) {
        onTick();
        tick_.start(seconds * 1000);
    } else {
        tick_.stop();
    }
    emit tickSecondsChanged();
}

void Session::togglePause() {
    commands_.act(loops_.pausedCount() > 0 ? LoopAction::Resume : LoopAction::Pause, {});
}

void Session::inspect(const QString& key, qlonglong from, qlonglong to) {
    inspector_.want(key.toStdString());
    commands_.inspect(key.toStdString(), from, to);
}

void Session::followLogs(bool follow) {
    commands_.followLogs(follow ? inspector_.key().toStdString() : std::string());
}

void Session::selectLoop(const QString& name) {
    if (selectedLoop_ == name)
        return;
    selectedLoop_ = name;
    loopDetail_.clear();
    emit selectedLoopChanged();
    emit loopDetailChanged();
    commands_.watchLoop(name.toStdString());
}

void Session::openKind(const QString& id) {
    const KindRow* kind = kinds_.find(id.toStdString());
    objects_.open(id.toStdString(), kind == nullptr || kind->namespaced);
    commands_.openKind(id.toStdString());
}

void Session::toggleKeys(const QString& prefix) {
    const std::string key = prefix.toStdString();
    const bool open = !keys_.isOpen(key);
    keys_.setOpen(key, open);
    commands_.openKeys(key, open);
}

void Session::search(const QString& wanted) {
    std::vector<PaletteModel::Row> more;
    for (int i = 0; i < loops_.count(); ++i) {
        const LoopRow& loop = loops_.entry(i).row;
        more.push_back({loopTitle(loop.name), QStringLiteral("loop"), QStringLiteral("loops"),
                        text("loop:" + loop.name), QString(), text(loop.name)});
    }
    for (const KindRow& kind : kinds_.all())
        more.push_back({text(kind.kind), text(kind.apiVersion), QStringLiteral("objects"),
                        text("kind:" + kind.id), QString(),
                        text(kind.plural + " " + kind.shortNames)});
    palette_.search(wanted, more);
    if (wanted.trimmed().size() >= 2)
        commands_.find(wanted.trimmed().toStdString());
}

// The YAML files of a folder, in the order of their names; a file is itself.
static QStringList manifestsOf(const QString& path) {
    if (!QFileInfo(path).isDir())
        return {path};
    QStringList files;
    for (const QFileInfo& entry : QDir(path).entryInfoList(
             {QStringLiteral("*.yaml"), QStringLiteral("*.yml"), QStringLiteral("*.json")},
             QDir::Files, QDir::Name))
        files << entry.filePath();
    return files;
}

void Session::applyFiles(const QList<QUrl>& files) {
    std::vector<std::pair<std::string, std::string>> contents;
    ApplyResult refused;
    const auto refuse = [&refused](const QString& path, const QString& why) {
        refused.rows.push_back({"failed", path.toStdString(), "", "", "", why.toStdString(), 0});
    };
    for (const QUrl& url : files)
        for (const QString& path : manifestsOf(url.toLocalFile())) {
            QFile file(path);
            if (contents.size() >= kFilesMax)
                refuse(path, QStringLiteral("more than %1 files at once").arg(kFilesMax));
            else if (file.size() > kFileBytesMax)
                refuse(path, QStringLiteral("larger than 16 MB"));
            else if (!file.open(QIODevice::ReadOnly))
                refuse(path, file.errorString());
            else
                contents.emplace_back(QFileInfo(path).fileName().toStdString(),
                                      file.readAll().toStdString());
        }
    applied_.clear();
    applying_ = !contents.empty();
    if (!refused.rows.empty())
        takeApplied(refused);
    emit appliedChanged();
    if (!contents.empty())
        commands_.apply(std::move(contents));
}

void Session::clearApplied() {
    applied_.clear();
    applying_ = false;
    emit appliedChanged();
}

void Session::takeApplied(const ApplyResult& result) {
    for (const AppliedRow& row : result.rows)
        applied_ << QVariantMap{
            {QStringLiteral("what"), text(row.what)},
            {QStringLiteral("file"), text(row.file)},
            {QStringLiteral("line"), row.line},
            {QStringLiteral("kind"), text(row.kind)},
            {QStringLiteral("name"),
             text(row.namespace_.empty() ? row.name : row.namespace_ + "/" + row.name)},
            {QStringLiteral("message"), text(row.message)}};
    applying_ = false;
    emit appliedChanged();
}

void Session::takeLoopDetail(const LoopDetail& detail) {
    if (text(detail.name) != selectedLoop_)
        return;
    QStringList queued;
    for (const std::string& key : detail.queued)
        queued << text(key);
    QVariantList recent;
    for (const StepRow& step : detail.recent) {
        const Decision decision = splitDecision(step.decided);
        recent << QVariantMap{
            {QStringLiteral("key"), text(step.key)},
            {QStringLiteral("woken"), text(step.woken)},
            {QStringLiteral("decided"), decision.what},
            {QStringLiteral("because"), decision.because},
            {QStringLiteral("error"), text(step.error)},
            {QStringLiteral("revision"),
             QVariant::fromValue(static_cast<qlonglong>(step.revision))},
            {QStringLiteral("number"),
             step.revision > 0 ? QStringLiteral("rev ") + groupedNumber(step.revision) : QString()},
            {QStringLiteral("time"), clockText(step.at)},
            {QStringLiteral("took"),
             millisText(std::chrono::duration<double, std::milli>(step.took).count())}};
    }
    loopDetail_ = {{QStringLiteral("queued"), queued}, {QStringLiteral("recent"), recent}};
    emit loopDetailChanged();
}

void Session::copy(const QString& copied) const {
    QGuiApplication::clipboard()->setText(copied);
}

QString Session::number(qlonglong number) const {
    return groupedNumber(number);
}

QString Session::clusterName() const {
    return facts_ ? QFileInfo(text(facts_->dataFolder)).fileName() : QString();
}
QString Session::serverUrl() const {
    return facts_ ? text(facts_->serverUrl) : QString();
}
QString Session::context() const {
    return facts_ ? text(facts_->context) : QString();
}
QString Session::dataFolder() const {
    return facts_ ? text(facts_->dataFolder) : QString();
}
QString Session::kubeconfigPath() const {
    return facts_ ? text(facts_->kubeconfigPath) : QString();
}
QString Session::revision() const {
    return groupedNumber(revision_);
}
QString Session::keptSince() const {
    return groupedNumber(compactRevision_);
}
QString Session::storeSize() const {
    return sizeText(storeBytes_);
}

} // namespace orrery::app
