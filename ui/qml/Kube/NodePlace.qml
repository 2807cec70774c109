import QtQuick
import Orrery.Theme
import Orrery.Controls

// The words of a node's place on the map; its frame, bar and pods are drawn by the map.
Item {
    id: place
    required property string title
    required property string detail
    required property real markX
    required property real markY
    required property real markWidth
    required property real markHeight
    required property int value
    required property bool on
    required property int markStyle
    readonly property bool card: markStyle === 0
    readonly property real inset: card ? 14 : markStyle === 1 ? 8 : 3
    x: markX
    y: markY
    width: markWidth
    height: markHeight
    Accessible.role: Accessible.ListItem
    Accessible.name: title + ", " + detail + ", " + value + " percent cpu"

    Heading {
        id: name
        x: place.inset
        y: place.card ? 10 : place.markStyle === 1 ? 3 : 1
        text: place.title
        font.pixelSize: place.card ? Theme.sizeBody
            : place.markStyle === 1 ? Theme.sizeCaption - 2
            : Math.min(4, place.markHeight / 6)
        width: Math.min(implicitWidth, place.width - 2 * place.inset - (place.card ? 66 : 28))
    }
    Secondary {
        visible: place.card
        anchors.left: name.right
        anchors.leftMargin: Theme.unit
        anchors.right: load.left
        anchors.rightMargin: Theme.unit / 2
        anchors.baseline: name.baseline
        text: place.detail
        color: place.on ? Theme.colors.muted : Theme.colors.failed
    }
    Secondary {
        id: load
        visible: place.markStyle < 2
        anchors.right: parent.right
        anchors.rightMargin: place.inset
        anchors.baseline: name.baseline
        text: place.value + (place.card ? " % cpu" : "%")
        font.pixelSize: place.card ? Theme.sizeSecondary : Theme.sizeCaption - 2
    }
}
