import QtQuick
import Orrery.Theme

// A fact in a frame.
Rectangle {
    id: chip
    property string label: ""
    property string code: ""
    property color dot: "transparent"
    property bool hasDot: false
    implicitWidth: row.implicitWidth + Theme.unit * 2.5
    implicitHeight: Theme.controlHeight - 2
    radius: Theme.radiusControl
    color: "transparent"
    border.color: Theme.colors.line
    Row {
        id: row
        anchors.centerIn: parent
        spacing: Theme.unit
        Rectangle {
            visible: chip.hasDot
            width: 7
            height: 7
            radius: 4
            color: chip.dot
            anchors.verticalCenter: parent.verticalCenter
        }
        Label {
            visible: text !== ""
            text: chip.label
            color: Theme.colors.muted
            anchors.verticalCenter: parent.verticalCenter
        }
        Mono {
            visible: text !== ""
            text: chip.code
            font.pixelSize: Theme.sizeBody
            color: chip.label === "" ? Theme.colors.muted : Theme.colors.text
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
