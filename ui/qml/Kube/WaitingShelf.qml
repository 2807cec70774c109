import QtQuick
import Orrery.Theme
import Orrery.Controls

// The words around the pods that wait; the pods and the dashed frame are drawn by the map.
Item {
    id: shelf
    required property rect place
    required property int count
    required property string reason
    x: place.x
    y: place.y
    width: place.width
    height: place.height
    visible: count > 0
    Accessible.role: Accessible.Grouping
    Accessible.name: count + " pods wait: " + reason
    Heading { x: 14; y: 10; text: "Waiting"; font.pixelSize: Theme.sizeSecondary }
    Secondary { anchors.right: parent.right; anchors.rightMargin: 14; y: 10; text: shelf.count }
    Secondary {
        visible: shelf.height > 60
        x: 14
        width: parent.width - 28
        y: parent.height - 42
        height: 34
        text: shelf.reason.split(". ")[0] // the tip has the rest of it
        font.pixelSize: Theme.sizeCaption
        wrapMode: Text.Wrap
        maximumLineCount: 2
        verticalAlignment: Text.AlignTop
        HoverHandler { id: over }
        Tip { shown: over.hovered && shelf.reason !== ""; text: shelf.reason }
    }
}
