import QtQuick
import Orrery
import Orrery.Theme
import Orrery.Controls

// The map with its words; wheel zooms, dragging pans, a click selects.
Item {
    id: view
    required property Session session
    property bool grid: false
    property string selectedPod: ""
    property string selectedNode: ""
    readonly property bool moving: map.moving
    property real zoom: 1
    signal podChosen(string key)
    signal nodeChosen(string name)
    signal loopChosen(string name)
    clip: true

    function fit() {
        zoom = 1
        world.x = 0
        world.y = 0
    }
    // A point of the view as a point of the map.
    function onMap(point: point): point {
        return Qt.point((point.x - world.x) / zoom, (point.y - world.y) / zoom)
    }
    function zoomAt(point: point, factor: real) {
        const next = Math.max(1, Math.min(24, zoom * factor))
        const grow = next / zoom
        const x = point.x - (point.x - world.x) * grow, y = point.y - (point.y - world.y) * grow
        world.x = Math.min(0, Math.max(width - width * next, x))
        world.y = Math.min(0, Math.max(height - height * next, y))
        zoom = next
    }

    Item {
        id: world
        width: view.width
        height: view.height
        scale: view.zoom
        transformOrigin: Item.TopLeft

        OrreryMap {
            id: map
            anchors.fill: parent
            session: view.session
            colors: Theme.mapColors
            labelFont: Theme.captionFont
            reducedMotion: Theme.reducedMotion
            grid: view.grid
            selectedPod: view.selectedPod
            selectedNode: view.selectedNode
            zoom: view.zoom
            visiblePart: Qt.rect(-world.x / view.zoom, -world.y / view.zoom,
                                 view.width / view.zoom, view.height / view.zoom)
        }
        Column {
            visible: !view.grid
            x: map.centre.x - width / 2
            y: map.centre.y - height / 2
            width: map.discRadius * 1.7
            Heading {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                text: "API server"
                font.pixelSize: Theme.sizeSecondary
            }
            Secondary {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                text: "rev " + view.session.revision
                font.pixelSize: Theme.sizeCaption
            }
        }
        Repeater {
            model: view.grid ? null : map.rings
            delegate: LoopLabel { onChosen: view.loopChosen(name) }
        }
        Repeater {
            model: map.places
            delegate: NodePlace {}
        }
        WaitingShelf {
            place: map.shelf
            count: map.shelved
            reason: view.session.pods.waitingReason
        }
        Repeater {
            model: map.travellers
            delegate: Column {
                required property string title
                required property string detail
                required property real markX
                required property real markY
                x: markX
                y: markY
                Label { text: parent.title; font.pixelSize: Theme.sizeSecondary }
                Secondary { text: parent.detail; font.pixelSize: Theme.sizeCaption }
            }
        }
        Label {
            visible: map.streamCount > 0
            x: map.centre.x + Theme.unit * 2
            y: map.centre.y + map.discRadius + Theme.unit * 3
            text: view.session.number(map.streamCount) + " pods on the way"
            font.weight: Font.Medium
        }
    }

    HoverHandler {
        id: pointer
        readonly property point spot: view.onMap(point.position)
        property string pod: hovered && !map.moving ? map.podAt(spot.x, spot.y) : ""
        cursorShape: pod !== "" ? Qt.PointingHandCursor : undefined
    }
    Tip {
        shown: pointer.pod !== ""
        text: map.describe(pointer.pod)
        x: pointer.point.position.x + Theme.unit * 1.5
        y: pointer.point.position.y + Theme.unit
    }
    TapHandler {
        onTapped: (event) => {
            const at = view.onMap(event.position)
            const pod = map.podAt(at.x, at.y), node = map.nodeAt(at.x, at.y)
            if (pod !== "")
                view.podChosen(pod)
            else if (node !== "")
                view.nodeChosen(node)
        }
    }
    WheelHandler {
        acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad
        onWheel: (event) => view.zoomAt(Qt.point(event.x, event.y),
                                        Math.pow(1.0015, event.angleDelta.y))
    }
    PinchHandler {
        target: null
        onScaleChanged: (delta) => view.zoomAt(centroid.position, delta)
    }
    DragHandler {
        enabled: view.zoom > 1
        target: world
        xAxis.minimum: view.width - view.width * view.zoom
        xAxis.maximum: 0
        yAxis.minimum: view.height - view.height * view.zoom
        yAxis.maximum: 0
    }
}
