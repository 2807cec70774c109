// The window's side of the bridge: takes batches, keeps the models, passes on what people do.
#pragma once
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/commands.h"
#include "app/bridge/inspector.h"
#include "app/bridge/keys_model.h"
#include "app/bridge/kinds_model.h"
#include "app/bridge/loops_model.h"
#include "app/bridge/nodes_model.h"
#include "app/bridge/objects_model.h"
#include "app/bridge/palette_model.h"
#include "app/bridge/pods_model.h"
#include "app/bridge/revisions_model.h"
#include "app/bridge/timeline.h"

namespace orrery::app {

class Session : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(orrery::app::PodsModel* pods READ pods CONSTANT)
    Q_PROPERTY(orrery::app::NodesModel* nodes READ nodes CONSTANT)
    Q_PROPERTY(orrery::app::LoopsModel* loops READ loops CONSTANT)
    Q_PROPERTY(orrery::app::RevisionsModel* revisions READ revisions CONSTANT)
    Q_PROPERTY(orrery::app::KindsModel* kinds READ kinds CONSTANT)
    Q_PROPERTY(orrery::app::ObjectsModel* objects READ objects CONSTANT)
    Q_PROPERTY(orrery::app::KeysModel* keys READ keys CONSTANT)
    Q_PROPERTY(orrery::app::Inspector* inspector READ inspector CONSTANT)
    Q_PROPERTY(orrery::app::PaletteModel* palette READ palette CONSTANT)
    Q_PROPERTY(orrery::app::Timeline* timeline READ timeline CONSTANT)
    Q_PROPERTY(Phase phase READ phase NOTIFY phaseChanged)
    Q_PROPERTY(QString failure READ failure NOTIFY phaseChanged)
    Q_PROPERTY(QString clusterName READ clusterName NOTIFY factsChanged)
    Q_PROPERTY(QString serverUrl READ serverUrl NOTIFY factsChanged)
    Q_PROPERTY(QString context READ context NOTIFY factsChanged)
    Q_PROPERTY(QString dataFolder READ dataFolder NOTIFY factsChanged)
    Q_PROPERTY(QString kubeconfigPath READ kubeconfigPath NOTIFY factsChanged)
    Q_PROPERTY(QString revision READ revision NOTIFY revisionChanged)
    Q_PROPERTY(QString keptSince READ keptSince NOTIFY revisionChanged)
    Q_PROPERTY(QString storeSize READ storeSize NOTIFY revisionChanged)
    Q_PROPERTY(QString clock READ clock NOTIFY clockChanged)
    Q_PROPERTY(QString selectedLoop READ selectedLoop NOTIFY selectedLoopChanged)
    Q_PROPERTY(QVariantMap loopDetail READ loopDetail NOTIFY loopDetailChanged)
    Q_PROPERTY(QVariantList applied READ applied NOTIFY appliedChanged)
    Q_PROPERTY(bool applying READ applying NOTIFY appliedChanged)
    // The clock and ages move every so many seconds; 0: nobody can see them.
    Q_PROPERTY(int tickSeconds READ tickSeconds WRITE setTickSeconds NOTIFY tickSecondsChanged)
  public:
    enum Phase { Starting, Running, Stopping, Failed };
    Q_ENUM(Phase)

    // `commands` outlives the session.
    explicit Session(Commands& commands, QObject* parent = nullptr);

    void take(BatchPtr batch);
    void setPhase(Phase phase, const QString& failure = {});

    Q_INVOKABLE void pauseLoop(const QString& name) {
        commands_.act(LoopAction::Pause, name.toStdString());
    }
    Q_INVOKABLE void resumeLoop(const QString& name) {
        commands_.act(LoopAction::Resume, name.toStdString());
    }
    Q_INVOKABLE void stepLoop(const QString& name) {
        commands_.act(LoopAction::Step, name.toStdString());
    }
    Q_INVOKABLE void togglePause(); // of all loops
    Q_INVOKABLE void inspect(const QString& key, qlonglong from = 0, qlonglong to = 0);
    Q_INVOKABLE void inspectPod(const QString& key) {
        inspect(QStringLiteral("/registry/pods/") + key);
    }
    Q_INVOKABLE void inspectNode(const QString& name) {
        inspect(QStringLiteral("/registry/minions/") + name);
    }
    // Of the object that the inspector shows.
    Q_INVOKABLE void followLogs(bool follow);
    Q_INVOKABLE void selectLoop(const QString& name);
    Q_INVOKABLE void openKind(const QString& id);
    Q_INVOKABLE void toggleKeys(const QString& prefix);
    Q_INVOKABLE void search(const QString& text);
    Q_INVOKABLE void applyFiles(const QList<QUrl>& files);
    Q_INVOKABLE void clearApplied();
    Q_INVOKABLE void addNode() { commands_.addNode(); }
    Q_INVOKABLE void copy(const QString& text) const;
    Q_INVOKABLE QString number(qlonglong number) const; // "10 000"

    PodsModel* pods() { return &pods_; }
    NodesModel* nodes() { return &nodes_; }
    LoopsModel* loops() { return &loops_; }
    RevisionsModel* revisions() { return &revisions_; }
    KindsModel* kinds() { return &kinds_; }
    ObjectsModel* objects() { return &objects_; }
    KeysModel* keys() { return &keys_; }
    Inspector* inspector() { return &inspector_; }
    PaletteModel* palette() { return &palette_; }
    Timeline* timeline() { return &timeline_; }
    Phase phase() const { return phase_; }
    QString failure() const { return failure_; }
    QString clusterName() const;
    QString serverUrl() const;
    QString context() const;
    QString dataFolder() const;
    QString kubeconfigPath() const;
    QString revision() const;
    QString keptSince() const;
    QString storeSize() const;
    QString clock() const { return clock_; }
    QString selectedLoop() const { return selectedLoop_; }
    QVariantMap loopDetail() const { return loopDetail_; }
    QVariantList applied() const { return applied_; }
    bool applying() const { return applying_; }
    int tickSeconds() const { return tick_.isActive() ? tick_.interval() / 1000 : 0; }
    void setTickSeconds(int seconds);

  signals:
    void taken(const orrery::app::Batch& batch); // after the models took it
    void phaseChanged();
    void factsChanged();
    void revisionChanged();
    void clockChanged();
    void selectedLoopChanged();
    void loopDetailChanged();
    void appliedChanged();
    void tickSecondsChanged();

  private:
    void onTick();
    void takeLoopDetail(const LoopDetail& detail);
    void takeApplied(const ApplyResult& result);

    Commands& commands_;
    PodsModel pods_;
    NodesModel nodes_;
    LoopsModel loops_;
    RevisionsModel revisions_;
    KindsModel kinds_;
    ObjectsModel objects_;
    KeysModel keys_;
    Inspector inspector_;
    PaletteModel palette_;
    Timeline timeline_;
    Phase phase_ = Starting;
    QString failure_, clock_, selectedLoop_;
    std::shared_ptr<const ClusterFacts> facts_;
    std::int64_t revision_ = 0, compactRevision_ = 0, storeBytes_ = 0;
    QVariantMap loopDetail_;
    QVariantList applied_;
    bool applying_ = false;
    std::int64_t agesAt_ = 0; // seconds since 1970 when ages were last refreshed
    QTimer tick_;
};

} // namespace orrery::app
