#include "app/scene/orrery_map.h"

#include <QtGui/QFontMetricsF>
#include <cmath>

#include "app/bridge/text.h"
#include "app/scene/glyph_painter.h"

namespace orrery::app {

constexpr MapMillis kLapMs = 560;
constexpr int kLapsMax = 3; // more reconciles than this at once do not queue up further laps
constexpr int kNamedTravellersMax = 6;

OrreryMap::OrreryMap(QQuickItem* parent) : QQuickItem(parent), ticker_([this] { onFrame(); }) {
    setFlag(ItemHasContents);
    clock_.start();
}

OrreryMap::~OrreryMap() {
    ticker_.stop();
}

void OrreryMap::setSession(Session* session) {
    if (session_ == session)
        return;
    if (session_)
        session_->disconnect(this);
    session_ = session;
    if (session_) {
        connect(session_, &Session::taken, this, &OrreryMap::onTaken);
        connect(session_->loops(), &LoopsModel::dataChanged, this, [this] {
            backdropDirty_ = true;
            polish();
        });
    }
    relayout(true);
    emit sessionChanged();
}

void OrreryMap::setColors(const QVariantMap& colors) {
    colorMap_ = colors;
    const auto color = [&colors](const char* name) {
        return colors.value(QLatin1String(name)).value<QColor>();
    };
    palette_.surface = color("surface");
    palette_.raised = color("raised");
    palette_.line = color("line");
    palette_.text = color("text");
    palette_.muted = color("muted");
    palette_.faint = color("faint");
    palette_.accent = color("accent");
    palette_.danger = color("failed");
    static const char* const phases[] = {"faint",     "pending", "starting",    "running",
                                         "succeeded", "failed",  "terminating", "unknown"};
    for (int i = 0; i < 8; ++i)
        palette_.phases[i] = color(phases[i]);
    backdropDirty_ = podsDirty_ = true;
    polish();
    emit colorsChanged();
}

void OrreryMap::setGrid(bool grid) {
    if (grid_ == grid)
        return;
    grid_ = grid;
    relayout(false);
    emit gridChanged();
}

void OrreryMap::setReducedMotion(bool reduced) {
    if (reducedMotion_ == reduced)
        return;
    reducedMotion_ = reduced;
    pods_.setReducedMotion(reduced);
    emit reducedMotionChanged();
}

void OrreryMap::setSelectedPod(const QString& key) {
    if (selectedPod_ == key)
        return;
    selectedPod_ = key;
    podsDirty_ = backdropDirty_ = true;
    polish();
    emit selectionChanged();
}

void OrreryMap::setSelectedNode(const QString& name) {
    if (selectedNode_ == name)
        return;
    selectedNode_ = name;
    backdropDirty_ = true;
    polish();
    emit selectionChanged();
}

void OrreryMap::setZoom(qreal zoom) {
    if (qFuzzyCompare(zoom_, zoom))
        return;
    zoom_ = zoom;
    updateMarks();
    emit zoomChanged();
}

void OrreryMap::setVisiblePart(const QRectF& part) {
    if (visiblePart_ == part)
        return;
    visiblePart_ = part;
    if (session_ && session_->nodes()->count() > 48)
        updateMarks();
    emit zoomChanged();
}

void OrreryMap::geometryChange(const QRectF& after, const QRectF& before) {
    QQuickItem::geometryChange(after, before);
    if (after.size() != before.size())
        relayout(false);
}

void OrreryMap::setLabelFont(const QFont& font) {
    if (labelFont_ == font)
        return;
    labelFont_ = font;
    words_.clear();
    relayout(false);
    emit labelFontChanged();
}

// Measured once for each name.
LoopWords OrreryMap::wordsOf(const QString& title) {
    if (const auto known = words_.constFind(title); known != words_.constEnd())
        return *known;
    const QFontMetricsF metrics(labelFont_);
    const auto widthOf = [&metrics](const QString& line) {
        return std::ceil(metrics.horizontalAdvance(line)) + 1;
    };
    LoopWords words{widthOf(title), widthOf(title)};
    for (qsizetype space = title.indexOf(u' '); space > 0; space = title.indexOf(u' ', space + 1))
        words.wrappedWidth = std::min(words.wrappedWidth, std::max(widthOf(title.left(space)),
                                                                   widthOf(title.mid(space + 1))));
    words_.insert(title, words);
    return words;
}

void OrreryMap::relayout(bool settle) {
    relayout_ = true;
    settle_ |= settle;
    polish();
}

void OrreryMap::wake() {
    polish();
    if (ticker_.state() != QAbstractAnimation::Running) {
        ticker_.start();
        emit movingChanged();
    }
}

void OrreryMap::onTaken(const Batch& batch) {
    if (batch.loopsChanged || !batch.nodes.empty() || !batch.nodesGone.empty())
        relayout(false);
    // A whole cluster at once (the first batch) stands where it belongs; later changes travel.
    if (pods_.count() == 0 && batch.pods.size() > 1 && batch.facts) {
        relayout(true);
    } else if (!batch.pods.empty() || !batch.podsGone.empty()) {
        if (relayout_)
            updatePolish(); // nodes of this batch must have their places before pods go there
        pods_.apply(batch, now());
        podsDirty_ = true;
        backdropDirty_ = true; // cpu bars
        wake();
    }
    for (Ring& ring : ringStates_) {
        if (ring.loop >= session_->loops()->count())
            continue;
        const int steps = session_->loops()->entry(ring.loop).inLastBatch;
        if (steps == 0)
            continue;
        ring.laps = std::min(kLapsMax, ring.laps + steps);
        if (ring.lapStart < 0)
            ring.lapStart = now();
        wake();
    }
    if (batch.revision != revision_) {
        revision_ = batch.revision;
        backdropDirty_ = true;
        polish();
    }
    updateMarks();
}

bool OrreryMap::advanceRings() {
    bool active = false;
    for (Ring& ring : ringStates_) {
        if (ring.lapStart < 0)
            continue;
        if (now() - ring.lapStart >= kLapMs) {
            ring.laps -= 1;
            ring.lapStart = ring.laps > 0 ? now() : -1;
            if (ring.lapStart < 0)
                updateMarks();
        }
        active |= ring.lapStart >= 0;
    }
    return active;
}

void OrreryMap::onFrame() {
    const bool podsMove = pods_.advance(now());
    const bool ringsMove = advanceRings();
    podsDirty_ |= podsMove || !pods_.travels().empty();
    if (pods_.shelved() != shownShelved_) {
        shownShelved_ = pods_.shelved();
        backdropDirty_ = true;
        emit shelvedChanged();
    }
    updateTravellers();
    if (!podsMove && !ringsMove) {
        podsDirty_ = true; // the last arrival is settled now
        ticker_.stop();
        emit movingChanged();
    }
    polish();
}

void OrreryMap::updateTravellers() {
    std::vector<Mark> marks;
    const auto& travels = pods_.travels();
    const bool stream = static_cast<int>(travels.size()) > MapPods::kNamedMax;
    int unnamed = stream ? static_cast<int>(travels.size()) : 0;
    if (!stream) {
        for (const MapPods::Travel& travel : travels) {
            if (static_cast<int>(marks.size()) >= kNamedTravellersMax)
                break;
            if (now() < travel.start)
                continue;
            const QPointF at = pods_.position(travel, now());
            const bool arriving =
                !layout_.nodes.empty() && at.y() > layout_.nodes.front().top() - 28;
            if (arriving) // a node's own words are there
                continue;
            Mark mark;
            mark.name = text(travel.key);
            mark.title = mark.name.section(u'/', 1);
            mark.detail = text(travel.note);
            mark.rect = QRectF(at.x() + 14, at.y() - 8, 0, 0);
            marks.push_back(std::move(mark));
        }
    }
    travellers_.set(std::move(marks));
    if (unnamed != streamCount_) {
        streamCount_ = unnamed;
        emit streamCountChanged();
    }
}

void OrreryMap::updateMarks() {
    if (!session_)
        return;
    std::vector<Mark> rings;
    for (std::size_t i = 0; i < ringStates_.size() && i < layout_.orbits.loops.size(); ++i) {
        if (ringStates_[i].loop >= session_->loops()->count())
            continue;
        const LoopRow& row = session_->loops()->entry(ringStates_[i].loop).row;
        Mark mark;
        mark.name = text(row.name);
        mark.title = loopTitle(row.name);
        const LoopPlace& place = layout_.orbits.loops[i];
        const QPointF half(layout_.orbits.ringRadius, layout_.orbits.ringRadius);
        mark.rect = QRectF(place.centre - half, place.centre + half);
        mark.label = place.label.translated(-mark.rect.topLeft());
        mark.style = static_cast<int>(place.align);
        mark.value = row.queueLength;
        mark.on = row.paused;
        mark.lit = ringStates_[i].lapStart >= 0 || row.queueLength > 0;
        rings.push_back(std::move(mark));
    }
    rings_.set(std::move(rings));

    std::vector<Mark> places;
    const NodesModel& nodes = *session_->nodes();
    for (int i = 0; i < nodes.count() && i < static_cast<int>(layout_.nodes.size()); ++i) {
        const QRectF& rect = layout_.nodes[static_cast<std::size_t>(i)];
        // Cells have words only where zoom makes room for them.
        if (layout_.style == NodeStyle::Cell &&
            (rect.width() * zoom_ < 56 || !visiblePart_.intersects(rect) || places.size() > 120))
            continue;
        const NodeRow& row = nodes.rows()[static_cast<std::size_t>(i)];
        Mark mark;
        mark.name = mark.title = text(row.name);
        mark.detail = row.unschedulable ? QStringLiteral("cordoned")
                      : row.ready       ? text(row.runtime)
                                        : QStringLiteral("NotReady");
        mark.rect = rect;
        mark.value = nodes.data(nodes.index(i), NodesModel::CpuRole).toInt();
        mark.on = row.ready;
        mark.style = static_cast<int>(layout_.style);
        places.push_back(std::move(mark));
    }
    places_.set(std::move(places));
}

void OrreryMap::updatePolish() {
    if (!session_ || width() < 1)
        return;
    if (relayout_) {
        relayout_ = false;
        std::vector<Ring> rings;
        std::vector<LoopWords> words;
        for (int i = 0; i < session_->loops()->count(); ++i) {
            const std::string& name = session_->loops()->entry(i).row.name;
            if (isKubelet(name))
                continue;
            rings.push_back({i, 0, -1});
            words.push_back(wordsOf(loopTitle(name)));
        }
        ringStates_ = std::move(rings);
        layout_ = computeMapLayout(size(), words, session_->nodes()->count(), grid_);
        std::unordered_map<std::string, int> indexes;
        for (int i = 0; i < session_->nodes()->count(); ++i)
            indexes[session_->nodes()->rows()[static_cast<std::size_t>(i)].name] = i;
        pods_.place(layout_, std::move(indexes));
        if (std::exchange(settle_, false))
            pods_.settle(session_->pods()->rows());
        backdropDirty_ = podsDirty_ = true;
        updateMarks();
        emit layoutChanged();
    }
    if (pods_.shelved() != shownShelved_) {
        shownShelved_ = pods_.shelved();
        backdropDirty_ = true;
        emit shelvedChanged();
    }
    if (std::exchange(backdropDirty_, false)) {
        paintBackdrop();
        uploadBackdrop_ = true;
    }
    if (std::exchange(podsDirty_, false)) {
        paintPods();
        uploadPods_ = true;
    }
    paintMoving();
    update();
}

QSGNode* OrreryMap::updatePaintNode(QSGNode* old, UpdatePaintNodeData*) {
    QSGNode* root = old;
    if (!root) {
        root = new QSGNode;
        for (int i = 0; i < 3; ++i)
            root->appendChildNode(makeGlyphNode(*window()));
        uploadBackdrop_ = uploadPods_ = true;
    }
    QSGNode* backdrop = root->firstChild();
    QSGNode* pods = backdrop->nextSibling();
    QSGNode* moving = pods->nextSibling();
    if (std::exchange(uploadBackdrop_, false))
        setGlyphs(*backdrop, *window(), backdrop_);
    if (std::exchange(uploadPods_, false))
        setGlyphs(*pods, *window(), settled_);
    setGlyphs(*moving, *window(), movingList_);
    return root;
}

QString OrreryMap::podAt(qreal x, qreal y) const {
    return text(pods_.at(QPointF(x, y)));
}

QString OrreryMap::nodeAt(qreal x, qreal y) const {
    for (std::size_t i = 0; i < layout_.nodes.size(); ++i)
        if (layout_.nodes[i].contains(x, y) && session_ &&
            static_cast<int>(i) < session_->nodes()->count())
            return text(session_->nodes()->rows()[i].name);
    return {};
}

QString OrreryMap::describe(const QString& podKey) const {
    const PodRow* pod = session_ ? session_->pods()->find(podKey.toStdString()) : nullptr;
    if (!pod)
        return {};
    return text(pod->name) + u'\n' + text(pod->status) +
           (pod->nodeName.empty() ? QString() : QStringLiteral(" on ") + text(pod->nodeName));
}

} // namespace orrery::app
