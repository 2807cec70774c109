// The Cluster page's picture: disc, loops, nodes, pods. Draws only when something happened or still
// moves.
#pragma once
#include <QtCore/QAbstractAnimation>
#include <QtCore/QElapsedTimer>
#include <QtCore/QHash>
#include <QtGui/QFont>
#include <QtQuick/QQuickItem>

#include "app/bridge/session.h"
#include "app/scene/glyphs.h"
#include "app/scene/layout.h"
#include "app/scene/map_pods.h"
#include "app/scene/marks_model.h"

namespace orrery::app {

// Runs while something moves; each tick is a frame of the window.
class FrameTicker : public QAbstractAnimation {
  public:
    explicit FrameTicker(std::function<void()> onFrame) : onFrame_(std::move(onFrame)) {}
    int duration() const override { return -1; }

  protected:
    void updateCurrentTime(int) override { onFrame_(); }

  private:
    std::function<void()> onFrame_;
};

struct MapColors {
    QColor surface, raised, line, text, muted, faint, accent, danger;
    QColor phases[8]; // by PodShape
};

class OrreryMap : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(
        orrery::app::Session* session READ session WRITE setSession NOTIFY sessionChanged REQUIRED)
    // surface raised line text muted faint accent danger pending starting running succeeded failed
    // terminating unknown
    Q_PROPERTY(QVariantMap colors READ colors WRITE setColors NOTIFY colorsChanged REQUIRED)
    Q_PROPERTY(QFont labelFont READ labelFont WRITE setLabelFont NOTIFY labelFontChanged)
    Q_PROPERTY(bool grid READ grid WRITE setGrid NOTIFY gridChanged)
    Q_PROPERTY(
        bool reducedMotion READ reducedMotion WRITE setReducedMotion NOTIFY reducedMotionChanged)
    Q_PROPERTY(QString selectedPod READ selectedPod WRITE setSelectedPod NOTIFY selectionChanged)
    Q_PROPERTY(QString selectedNode READ selectedNode WRITE setSelectedNode NOTIFY selectionChanged)
    Q_PROPERTY(qreal zoom READ zoom WRITE setZoom NOTIFY zoomChanged)
    // The part of the map that can be seen, in its own pixels: labels of small places come only
    // there.
    Q_PROPERTY(QRectF visiblePart READ visiblePart WRITE setVisiblePart NOTIFY zoomChanged)
    Q_PROPERTY(orrery::app::MarksModel* rings READ rings CONSTANT)
    Q_PROPERTY(orrery::app::MarksModel* places READ places CONSTANT)
    Q_PROPERTY(orrery::app::MarksModel* travellers READ travellers CONSTANT)
    Q_PROPERTY(
        int streamCount READ streamCount NOTIFY streamCountChanged) // on the way without a name
    Q_PROPERTY(int shelved READ shelved NOTIFY shelvedChanged)
    Q_PROPERTY(QPointF centre READ centre NOTIFY layoutChanged)
    Q_PROPERTY(qreal discRadius READ discRadius NOTIFY layoutChanged)
    Q_PROPERTY(QRectF shelf READ shelf NOTIFY layoutChanged)
    Q_PROPERTY(bool moving READ moving NOTIFY movingChanged)
  public:
    explicit OrreryMap(QQuickItem* parent = nullptr);
    ~OrreryMap() override;

    Session* session() const { return session_; }
    void setSession(Session* session);
    QVariantMap colors() const { return colorMap_; }
    void setColors(const QVariantMap& colors);
    QFont labelFont() const { return labelFont_; }
    void setLabelFont(const QFont& font); // of the loops' names
    bool grid() const { return grid_; }
    void setGrid(bool grid);
    bool reducedMotion() const { return reducedMotion_; }
    void setReducedMotion(bool reduced);
    QString selectedPod() const { return selectedPod_; }
    void setSelectedPod(const QString& key);
    QString selectedNode() const { return selectedNode_; }
    void setSelectedNode(const QString& name);
    qreal zoom() const { return zoom_; }
    void setZoom(qreal zoom);
    QRectF visiblePart() const { return visiblePart_; }
    void setVisiblePart(const QRectF& part);
    MarksModel* rings() { return &rings_; }
    MarksModel* places() { return &places_; }
    MarksModel* travellers() { return &travellers_; }
    int streamCount() const { return streamCount_; }
    int shelved() const { return pods_.shelved(); }
    QPointF centre() const { return layout_.centre; }
    qreal discRadius() const { return layout_.discRadius; }
    QRectF shelf() const { return layout_.shelf; }
    bool moving() const { return ticker_.state() == QAbstractAnimation::Running; }

    // What is at a point: a pod's "namespace/name", a node's name; "" for nothing.
    Q_INVOKABLE QString podAt(qreal x, qreal y) const;
    Q_INVOKABLE QString nodeAt(qreal x, qreal y) const;
    // A pod's name and what it does, for a tip.
    Q_INVOKABLE QString describe(const QString& podKey) const;

  signals:
    void sessionChanged();
    void colorsChanged();
    void labelFontChanged();
    void gridChanged();
    void reducedMotionChanged();
    void selectionChanged();
    void zoomChanged();
    void streamCountChanged();
    void shelvedChanged();
    void layoutChanged();
    void movingChanged();

  protected:
    void geometryChange(const QRectF& now, const QRectF& before) override;
    void updatePolish() override;
    QSGNode* updatePaintNode(QSGNode* old, UpdatePaintNodeData*) override;

  private:
    struct Ring {                // of one loop on the orbit
        int loop = 0;            // row of the loops model
        int laps = 0;            // to go
        MapMillis lapStart = -1; // -1: rests
    };
    MapMillis now() const { return static_cast<MapMillis>(clock_.nsecsElapsed()) / 1e6; }
    void onTaken(const Batch& batch);
    void onFrame();
    void wake(); // something may move now
    void relayout(bool settle);
    LoopWords wordsOf(const QString& title);
    void updateMarks();
    void updateTravellers();
    bool advanceRings();
    void paintBackdrop();
    void paintDisc();
    void paintRing(std::size_t index);
    void paintNode(int index);
    void paintPods();
    void paintMoving();
    void paintBead(std::size_t index, MapMillis now);

    Session* session_ = nullptr;
    QVariantMap colorMap_;
    MapColors palette_;
    QFont labelFont_;
    QHash<QString, LoopWords> words_; // by title
    bool grid_ = false, reducedMotion_ = false;
    QString selectedPod_, selectedNode_;
    qreal zoom_ = 1;
    QRectF visiblePart_;
    QElapsedTimer clock_;
    FrameTicker ticker_;
    MapLayout layout_;
    MapPods pods_;
    std::vector<Ring> ringStates_;
    MarksModel rings_, places_, travellers_;
    int streamCount_ = 0, shownShelved_ = 0;
    std::int64_t revision_ = 0;
    GlyphList backdrop_, settled_, movingList_;
    bool backdropDirty_ = true, podsDirty_ = true, relayout_ = true, settle_ = true;
    bool uploadBackdrop_ = true, uploadPods_ = true;
};

} // namespace orrery::app
