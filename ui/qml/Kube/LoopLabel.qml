import QtQuick
import Orrery.Theme
import Orrery.Controls

// A loop's name below its ring, the queue's length in it, and the place to click.
Item {
    id: loop
    required property string name
    required property string title
    required property real markX
    required property real markY
    required property real markWidth
    required property real markHeight
    required property int value
    required property bool on
    required property bool lit
    required property int markStyle // where the name stands: 0 above, 1 right, 2 left
    signal chosen()
    x: markX
    y: markY
    width: markWidth
    height: markHeight
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: title + (on ? ", paused, " : ", ") + value + " in its queue"
    Keys.onReturnPressed: chosen()

    Label {
        anchors.centerIn: parent
        visible: loop.value > 0
        text: loop.value > 999 ? "999+" : loop.value
        font.pixelSize: loop.value > 99 ? Theme.sizeCaption - 2 : Theme.sizeSecondary
        font.weight: Font.DemiBold
        color: loop.on ? Theme.colors.pending : Theme.colors.text
    }
    Secondary {
        readonly property real gap: Theme.unit * 0.75
        width: loop.markStyle === 0 ? 78 : implicitWidth
        x: loop.markStyle === 0 ? (loop.width - width) / 2 : loop.markStyle === 1 ? loop.width + gap : -width - gap
        y: loop.markStyle === 0 ? -height - gap : (loop.height - height) / 2
        horizontalAlignment: loop.markStyle === 0 ? Text.AlignHCenter : Text.AlignLeft
        wrapMode: loop.markStyle === 0 ? Text.WordWrap : Text.NoWrap
        elide: Text.ElideNone
        text: loop.title
        font.pixelSize: Theme.sizeCaption
        color: loop.on ? Theme.colors.pending : loop.lit || over.hovered ? Theme.colors.text : Theme.colors.muted
        Behavior on color { ColorAnimation { duration: Theme.stateMs } }
    }
    FocusRing { target: loop; radius: width / 2 }
    HoverHandler { id: over; cursorShape: Qt.PointingHandCursor }
    TapHandler { onTapped: loop.chosen() }
}
