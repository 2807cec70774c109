// Whatever is selected: an object of the cluster, with its why, stations, verdict, YAML, events and
// versions.
#pragma once
#include <QtCore/QObject>
#include <QtCore/QVariant>
#include <QtQml/qqmlregistration.h>

#include "app/bridge/batch.h"

namespace orrery::app {

class Inspector : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of the session")
    Q_PROPERTY(QString key READ key NOTIFY keyChanged)
    Q_PROPERTY(bool loading READ loading NOTIFY changed)
    Q_PROPERTY(bool exists READ exists NOTIFY changed)
    Q_PROPERTY(QString kind READ kind NOTIFY changed)
    Q_PROPERTY(QString name READ name NOTIFY changed)
    Q_PROPERTY(QString summary READ summary NOTIFY changed)
    Q_PROPERTY(int shape READ shape NOTIFY changed)
    Q_PROPERTY(QString yaml READ yaml NOTIFY changed)
    Q_PROPERTY(QString log READ log NOTIFY logChanged)
    Q_PROPERTY(QVariantList facts READ facts NOTIFY changed)
    Q_PROPERTY(QVariantList why READ why NOTIFY changed)
    Q_PROPERTY(QVariantList stations READ stations NOTIFY changed)
    Q_PROPERTY(
        int reached READ reached NOTIFY changed) // number of the newest station, from 0; -1 none
    Q_PROPERTY(int attempt READ attempt NOTIFY changed) // 0: no scheduling verdict
    Q_PROPERTY(QString verdict READ verdict NOTIFY changed)
    Q_PROPERTY(QStringList plugins READ plugins NOTIFY changed)
    Q_PROPERTY(QVariantList grid READ grid NOTIFY changed)
    Q_PROPERTY(QVariantList events READ events NOTIFY changed)
    Q_PROPERTY(QVariantList versions READ versions NOTIFY changed)
    Q_PROPERTY(qlonglong diffFrom READ diffFrom NOTIFY changed)
    Q_PROPERTY(qlonglong diffTo READ diffTo NOTIFY changed)
    Q_PROPERTY(QVariantList diff READ diff NOTIFY changed)
  public:
    using QObject::QObject;
    // What is wanted from now on; it comes with a later batch.
    void want(const std::string& key);
    void apply(const Batch& batch);

    QString key() const;
    bool loading() const { return !wanted_.empty() && !shown_; }
    bool exists() const { return shown_ && shown_->exists; }
    QString kind() const;
    QString name() const;
    QString summary() const;
    int shape() const { return shown_ ? shown_->shape : 0; }
    QString yaml() const;
    QString log() const { return log_; }
    QVariantList facts() const;
    QVariantList why() const;
    QVariantList stations() const;
    int reached() const;
    int attempt() const { return shown_ ? static_cast<int>(shown_->grid.attempt) : 0; }
    QString verdict() const;
    QStringList plugins() const;
    QVariantList grid() const;
    QVariantList events() const;
    QVariantList versions() const;
    qlonglong diffFrom() const { return shown_ ? shown_->diffFrom : 0; }
    qlonglong diffTo() const { return shown_ ? shown_->diffTo : 0; }
    QVariantList diff() const;

  signals:
    void keyChanged();
    void changed();
    void logChanged();

  private:
    static constexpr qsizetype kLogMax = 200000; // characters that are kept, the newest
    QString log_;
    std::string wanted_;
    std::shared_ptr<const Inspection> shown_;
};

} // namespace orrery::app
