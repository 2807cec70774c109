import QtQuick
import Orrery.Theme
import Orrery.Controls

// One revision of the store in the list. `columns` says where each word begins, as shares of the
// width.
Rectangle {
    id: row
    required property var revision
    required property string number
    required property string time
    required property string who
    required property string verb
    required property string key
    required property string size
    required property string because
    required property RevisionColumns columns
    property bool selected: false
    signal chosen()
    height: Theme.rowHeight
    color: selected ? Theme.colors.selected : over.hovered ? Theme.colors.hover : "transparent"
    Rectangle { visible: row.selected; width: 2; height: parent.height; color: Theme.colors.accent }
    Rule { anchors.bottom: parent.bottom; width: parent.width }
    HoverHandler { id: over }
    TapHandler { onTapped: row.chosen() }
    Mono {
        x: row.columns.number
        height: parent.height
        text: row.number
        color: Theme.colors.accent
    }
    Mono { x: row.columns.time; height: parent.height; text: row.time; color: Theme.colors.muted }
    Label {
        x: row.columns.who
        width: row.columns.verb - x - Theme.unit
        height: parent.height
        text: row.who
    }
    Badge {
        x: row.columns.verb
        anchors.verticalCenter: parent.verticalCenter
        text: row.verb
        tone: row.verb === "DELETE" ? Theme.colors.failed : Theme.colors.text
    }
    Mono {
        x: row.columns.key
        width: row.columns.size - x - Theme.unit
        height: parent.height
        text: row.key
        elide: Text.ElideMiddle
    }
    Label {
        x: row.columns.size
        width: 58
        height: parent.height
        horizontalAlignment: Text.AlignRight
        text: row.size
        color: Theme.colors.muted
        font.pixelSize: Theme.sizeSecondary
    }
    Secondary {
        x: row.columns.because
        width: row.width - x - Theme.unit
        height: parent.height
        text: row.because
    }
}
