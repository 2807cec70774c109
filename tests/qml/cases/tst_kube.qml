import QtQuick
import QtTest
import Orrery
import Orrery.Theme
import Orrery.Kube
import Orrery.Pages

// Kube components and pages over sample batches.
Item {
    id: root
    width: 1068
    height: 764
    property string chosenPod: ""
    property string chosenLoop: ""

    OrreryView {
        id: view
        anchors.fill: parent
        session: fixture.session
        onPodChosen: (key) => root.chosenPod = key
        onLoopChosen: (name) => root.chosenLoop = name
    }
    Loader { id: page; anchors.fill: parent }
    Component { id: loops; LoopsPage { session: fixture.session } }
    Component { id: store; StorePage { session: fixture.session } }
    Component { id: objects; ObjectsPage { session: fixture.session } }
    Component { id: inspector; Inspector { session: fixture.session; width: Theme.inspectorWidth } }
    SignalSpy { id: moved; target: view; signalName: "movingChanged" }

    TestCase {
        name: "Kube"
        when: windowShown
        function initTestCase() {
            Theme.wanted = "dark"
            fixture.takeFirst(3, 13)
            wait(50)
        }
        function cleanup() { page.sourceComponent = null; page.visible = false }
        function show(component) { page.visible = true; page.sourceComponent = component; wait(50); verify(page.item) }

        // Are there pixels of this colour in the picture?
        function count(image, color) {
            let found = 0
            for (let y = 0; y < image.height; y += 2)
                for (let x = 0; x < image.width; x += 2)
                    if (image.pixel(x, y).toString() === color.toString())
                        ++found
            return found
        }
        function test_a_mapDrawsEveryPhase() {
            const image = grabImage(view)
            for (const phase of ["running", "pending", "starting", "failed", "terminating", "succeeded"])
                verify(count(image, Theme.colors[phase]) > 0, phase + " is not drawn")
        }
        function test_b_idleMapRests() {
            tryCompare(view, "moving", false, 5000)
            moved.clear()
            wait(400)
            compare(moved.count, 0)
        }
        function test_c_podsTravel() {
            fixture.takeRollout(3, 2319)
            compare(view.moving, true)
            tryCompare(view, "moving", false, 6000)
            compare(fixture.session.pods.count, 39 - 2 + 2 + 3)
        }
        function test_d_manyPodsAreAStream() {
            fixture.takeRollout(200, 2400)
            wait(60)
            tryCompare(view, "moving", false, 8000)
        }
        function test_e_zoom() {
            view.zoomAt(Qt.point(100, 100), 4)
            compare(view.zoom, 4)
            view.zoomAt(Qt.point(100, 100), 0.001)
            compare(view.zoom, 1)
            view.fit()
        }
        function test_f_gridKeepsPods() {
            view.grid = true
            wait(50)
            verify(count(grabImage(view), Theme.colors.running) > 0)
            view.grid = false
        }
        function test_loopsPage() {
            show(loops)
            fixture.session.selectLoop("replicaset-controller")
            compare(fixture.lastCall(), "watchLoop replicaset-controller")
        }
        function test_storePage() { show(store) }
        function test_objectsPage() {
            show(objects)
            compare(fixture.lastCall(), "openKind pods")
        }
        function test_inspector() {
            fixture.session.inspectPod("default/shop-w2-12")
            fixture.takeInspection("/registry/pods/default/shop-w2-12")
            show(inspector)
            compare(fixture.session.inspector.why.length, 5)
            compare(fixture.session.inspector.stations[9].name, "Planned")
            fixture.session.inspect("")
        }
    }
}
