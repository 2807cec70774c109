// Where things stand on the map, and how pods move there.
#include <cmath>

#include "app/scene/layout.h"
#include "app/scene/map_pods.h"
#include "tests/qml/sample_batches.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::app;

class MapTest : public QObject {
    Q_OBJECT
  private slots:
    void everythingFits_data();
    void everythingFits();
    void namesTouchNothing_data();
    void namesTouchNothing();
    void smallWindowsKeepTheirRings();
    void podsFitTheirNode_data();
    void podsFitTheirNode();
    void podsTravelAndSettle();
    void podsThatWaitGoToTheShelf();
    void slotsAreUsedAgain();
    void pointsFindPods();
};

// As wide as the names of Kubernetes' loops, one long one among them.
static std::vector<LoopWords> words(int count) {
    static const LoopWords widths[] = {{60, 60},  {84, 84},   {170, 118}, {66, 66},  {58, 58},
                                       {122, 66}, {20, 20},   {54, 54},   {128, 70}, {140, 88},
                                       {90, 60},  {152, 124}, {16, 16},   {80, 44},  {130, 84}};
    std::vector<LoopWords> all;
    for (int i = 0; i < count; ++i)
        all.push_back(widths[i % 15]);
    return all;
}

void MapTest::namesTouchNothing_data() {
    QTest::addColumn<QSizeF>("size");
    QTest::addColumn<int>("loops");
    for (const QSizeF size : {QSizeF(992, 764), QSizeF(1472, 940), QSizeF(2400, 1200)})
        for (const int loops : {1, 2, 5, 12, 14, 19, 22, 25, 28, 32, 36, 40, 45})
            QTest::addRow("%gx%g, %d loops", size.width(), size.height(), loops) << size << loops;
}

static bool touch(const QRectF& label, QPointF centre, qreal radius) {
    const QPointF nearest(std::clamp(centre.x(), label.left(), label.right()),
                          std::clamp(centre.y(), label.top(), label.bottom()));
    return std::hypot(nearest.x() - centre.x(), nearest.y() - centre.y()) < radius;
}

void MapTest::namesTouchNothing() {
    QFETCH(QSizeF, size);
    QFETCH(int, loops);
    const MapLayout layout = computeMapLayout(size, words(loops), 3, false);
    const qreal radius = layout.orbits.ringRadius;
    const std::vector<LoopPlace>& all = layout.orbits.loops;
    QCOMPARE(static_cast<int>(all.size()), loops);
    QVERIFY2(radius >= 9, qPrintable(QString::number(radius)));
    int hidden = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        hidden += all[i].label.isEmpty();
        QVERIFY(!touch(all[i].label, layout.centre, layout.discRadius));
        QVERIFY(!all[i].label.intersects(layout.shelf));
        QVERIFY(all[i].label.isEmpty() || QRectF(QPointF(), size).contains(all[i].label));
        for (std::size_t j = 0; j < all.size(); ++j) {
            if (!all[i].label.isEmpty())
                QVERIFY(!touch(all[i].label, all[j].centre, radius));
            if (i == j)
                continue;
            QVERIFY(!all[i].label.intersects(all[j].label));
            const QPointF apart = all[i].centre - all[j].centre;
            QVERIFY(std::hypot(apart.x(), apart.y()) > 2 * radius);
        }
    }
    // Those without room show their name when one points at them.
    QVERIFY2(hidden <= loops / 20, qPrintable(QString("%1 names have no room").arg(hidden)));
}

void MapTest::smallWindowsKeepTheirRings() {
    for (const int loops : {12, 19, 45}) {
        const MapLayout layout = computeMapLayout({579, 464}, words(loops), 3, false);
        QCOMPARE(static_cast<int>(layout.orbits.loops.size()), loops);
        QVERIFY(layout.orbits.ringRadius >= 4);
    }
}

void MapTest::everythingFits_data() {
    QTest::addColumn<QSizeF>("size");
    QTest::addColumn<int>("nodes");
    QTest::addColumn<bool>("grid");
    for (const QSizeF size : {QSizeF(992, 764), QSizeF(600, 460), QSizeF(2400, 1200)})
        for (const int nodes : {0, 1, 3, 5, 8, 9, 40, 49, 200, 1000, 5000})
            for (const bool grid : {false, true})
                QTest::addRow("%gx%g, %d nodes%s", size.width(), size.height(), nodes,
                              grid ? ", grid" : "")
                    << size << nodes << grid;
}

void MapTest::everythingFits() {
    QFETCH(QSizeF, size);
    QFETCH(int, nodes);
    QFETCH(bool, grid);
    const MapLayout layout = computeMapLayout(size, words(14), nodes, grid);
    QCOMPARE(static_cast<int>(layout.nodes.size()), nodes);
    const QRectF map(QPointF(), size);
    for (std::size_t i = 0; i < layout.nodes.size(); ++i) {
        QVERIFY2(map.contains(layout.nodes[i]), qPrintable(QString("node %1").arg(i)));
        QVERIFY(layout.nodes[i].width() > 0.5 && layout.nodes[i].height() > 0.5);
        if (i > 0)
            QVERIFY(!layout.nodes[i].intersects(layout.nodes[i - 1]));
    }
    if (grid)
        return;
    QCOMPARE(layout.orbits.loops.size(), std::size_t(14));
    for (const LoopPlace& loop : layout.orbits.loops)
        for (const QRectF& node : layout.nodes)
            QVERIFY(!node.contains(loop.centre));
}

void MapTest::podsFitTheirNode_data() {
    QTest::addColumn<int>("pods");
    for (const int pods : {1, 7, 30, 110, 1000, 8000})
        QTest::addRow("%d pods", pods) << pods;
}

void MapTest::podsFitTheirNode() {
    QFETCH(int, pods);
    const QRectF area(10, 20, 260, 90);
    const PodGrid grid = computePodGrid(area, pods, 6.5);
    QVERIFY(grid.radius > 0);
    for (int i = 0; i < pods; ++i)
        QVERIFY(area.adjusted(-1, -1, 1, 1).contains(grid.at(i)));
}

static MapPods placed(int nodes) {
    MapPods pods;
    std::unordered_map<std::string, int> indexes;
    for (int i = 0; i < nodes; ++i)
        indexes["w" + std::to_string(i + 1)] = i;
    pods.place(computeMapLayout({992, 764}, words(14), nodes, false), indexes);
    return pods;
}

static PodRow row(const std::string& name, const std::string& node) {
    PodRow made;
    made.key = "default/" + name;
    made.name = name;
    made.nodeName = node;
    return made;
}

void MapTest::podsTravelAndSettle() {
    MapPods pods = placed(3);
    Batch batch;
    batch.pods = {row("a", "w2")};
    pods.apply(batch, 1000);
    QCOMPARE(pods.travels().size(), std::size_t(1));
    const MapPods::Travel travel = pods.travels().front();
    const QPointF start = pods.position(travel, 1000), middle = pods.position(travel, 1300);
    const QPointF home = pods.home(*pods.find("default/a"));
    QVERIFY(start.y() < middle.y() && middle.y() < home.y());
    QVERIFY(pods.advance(1100));
    QVERIFY(!pods.advance(1000 + MapPods::kTravelMs + 1));
    QVERIFY(!pods.find("default/a")->travelling);
    // The same again moves nothing.
    pods.apply(batch, 3000);
    QVERIFY(pods.travels().empty());
    batch.pods.clear();
    batch.podsGone = {"default/a"};
    pods.apply(batch, 4000);
    QCOMPARE(pods.count(), 0);
    QCOMPARE(pods.ghosts().size(), std::size_t(1));
    QVERIFY(!pods.advance(4000 + MapPods::kFadeMs + 1));
    QVERIFY(pods.ghosts().empty());
}

void MapTest::podsThatWaitGoToTheShelf() {
    MapPods pods = placed(3);
    Batch batch;
    batch.pods = {row("a", ""), row("b", "")};
    batch.pods[1].waiting = "0/3 nodes are available";
    pods.apply(batch, 1000);
    QCOMPARE(pods.shelved(), 1); // the other may be placed in a moment
    QVERIFY(pods.advance(1000 + MapPods::kFreshMs + 1));
    QCOMPARE(pods.shelved(), 2);
    batch.pods = {row("a", "w1")};
    pods.apply(batch, 5000);
    QCOMPARE(pods.shelved(), 1);
    QCOMPARE(QString::fromStdString(pods.find("default/a")->node), QStringLiteral("w1"));
}

void MapTest::slotsAreUsedAgain() {
    MapPods pods = placed(1);
    std::vector<PodRow> rows;
    for (int i = 0; i < 10; ++i)
        rows.push_back(row("p" + std::to_string(i), "w1"));
    pods.settle(rows);
    const int slot = pods.find("default/p3")->slot;
    Batch batch;
    batch.podsGone = {"default/p3"};
    batch.pods = {row("new", "w1")};
    pods.apply(batch, 100);
    QCOMPARE(pods.find("default/new")->slot, slot);
    QCOMPARE(pods.find("default/p9")->slot, 9); // the others stay where they are
}

void MapTest::pointsFindPods() {
    MapPods pods = placed(2);
    pods.settle({row("a", "w1"), row("b", "w1"), row("c", "w2")});
    for (const char* key : {"default/a", "default/b", "default/c"})
        QCOMPARE(QString::fromStdString(pods.at(pods.home(*pods.find(key)))), QString(key));
    QVERIFY(pods.at({1, 1}).empty());
}

ORRERY_TEST(MapTest)
#include "map_test.moc"
