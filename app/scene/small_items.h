// Small pictures of one thing: a phase, a loop's ring, bars of numbers, the skyline.
#pragma once
#include <QtQuick/QQuickItem>

#include "app/bridge/timeline.h"
#include "app/scene/glyphs.h"

namespace orrery::app {

// An item that is one glyph list, drawn again only when something that it shows changes.
class GlyphItem : public QQuickItem {
    Q_OBJECT
  public:
    explicit GlyphItem(QQuickItem* parent = nullptr);

  protected:
    virtual void paint(GlyphList& list) = 0;
    void redraw() { polish(); }
    void geometryChange(const QRectF& after, const QRectF& before) override;
    void updatePolish() override;
    QSGNode* updatePaintNode(QSGNode* old, UpdatePaintNodeData*) override;

  private:
    GlyphList list_;
};

class PhaseGlyph : public GlyphItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(int shape MEMBER shape_ NOTIFY shapeChanged)
    Q_PROPERTY(QColor color MEMBER color_ NOTIFY colorChanged)
  public:
    PhaseGlyph();
  signals:
    void shapeChanged();
    void colorChanged();

  protected:
    void paint(GlyphList& list) override;

  private:
    int shape_ = 1;
    QColor color_;
};

class LoopRing : public GlyphItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(bool paused MEMBER paused_ NOTIFY changed)
    Q_PROPERTY(int queueLength MEMBER queueLength_ NOTIFY changed)
    Q_PROPERTY(qreal share MEMBER share_ NOTIFY changed)
    Q_PROPERTY(qreal bead MEMBER bead_ NOTIFY changed) // 0..1 around; below 0: none
    Q_PROPERTY(QColor line MEMBER line_ NOTIFY changed)
    Q_PROPERTY(QColor accent MEMBER accent_ NOTIFY changed)
    Q_PROPERTY(QColor pending MEMBER pending_ NOTIFY changed)
    Q_PROPERTY(QColor faint MEMBER faint_ NOTIFY changed)
  public:
    LoopRing();
  signals:
    void changed();

  protected:
    void paint(GlyphList& list) override;

  private:
    bool paused_ = false;
    int queueLength_ = 0;
    qreal share_ = 0, bead_ = -1;
    QColor line_, accent_, pending_, faint_;
};

class Bars : public GlyphItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QList<int> values MEMBER values_ NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER color_ NOTIFY changed)
    Q_PROPERTY(QColor recentColor MEMBER recentColor_ NOTIFY changed)
  public:
    Bars();
  signals:
    void changed();

  protected:
    void paint(GlyphList& list) override;

  private:
    QList<int> values_;
    QColor color_, recentColor_;
};

class Skyline : public GlyphItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(orrery::app::Timeline* timeline READ timeline WRITE setTimeline NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER color_ NOTIFY changed)
    Q_PROPERTY(QColor line MEMBER line_ NOTIFY changed)
    Q_PROPERTY(QColor cursor MEMBER cursor_ NOTIFY changed)
    // Times below the line: [{x, text}]
    Q_PROPERTY(QVariantList hours READ hours NOTIFY hoursChanged)
  public:
    Skyline();
    Timeline* timeline() const { return timeline_; }
    void setTimeline(Timeline* timeline);
    QVariantList hours() const;
  signals:
    void changed();
    void hoursChanged();

  protected:
    void paint(GlyphList& list) override;

  private:
    Timeline* timeline_ = nullptr;
    QColor color_, line_, cursor_;
};

} // namespace orrery::app
