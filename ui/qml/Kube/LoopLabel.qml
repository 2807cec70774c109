import QtQuick
import Orrery.Theme
import Orrery.Controls

// A loop's name beside its ring, the queue's length in it, and the place to click.
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
    required property rect label // where the name stands; empty: there is no room for it
    required property int markStyle // its horizontal alignment
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
        visible: loop.value > 0 && loop.width >= 16
        text: loop.value > 999 ? "999+" : loop.value
        font.pixelSize: Math.min(loop.value > 99 ? Theme.sizeCaption - 2 : Theme.sizeSecondary,
                                 loop.width * 0.55)
        font.weight: Font.DemiBold
        color: loop.on ? Theme.colors.pending : Theme.colors.text
    }
    Secondary {
        visible: loop.label.width > 0
        x: loop.label.x
        y: loop.label.y
        width: loop.label.width + 1
        height: loop.label.height
        horizontalAlignment: loop.markStyle
        readonly property bool wraps: loop.label.height > Theme.sizeCaption * 2
        wrapMode: wraps ? Text.WordWrap : Text.NoWrap
        lineHeightMode: Text.FixedHeight
        lineHeight: wraps ? loop.label.height / 2 : loop.label.height
        elide: Text.ElideNone
        text: loop.title
        font.pixelSize: Theme.sizeCaption
        color: loop.on ? Theme.colors.pending
             : loop.lit || over.hovered ? Theme.colors.text : Theme.colors.muted
        Behavior on color { ColorAnimation { duration: Theme.stateMs } }
    }
    Tip {
        shown: loop.label.width <= 0 && (over.hovered || loop.activeFocus)
        text: loop.title
        y: loop.height + Theme.unit / 2
    }
    FocusRing { target: loop; radius: width / 2 }
    HoverHandler { id: over; cursorShape: Qt.PointingHandCursor }
    TapHandler { onTapped: loop.chosen() }
}
