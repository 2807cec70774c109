import QtQuick
import Orrery.Theme

// A short word in a frame: a verb, a shortcut.
Rectangle {
    id: badge
    required property string text
    property color tone: Theme.colors.text
    implicitWidth: word.implicitWidth + Theme.unit * 1.5
    implicitHeight: word.implicitHeight + 6
    radius: 4
    color: "transparent"
    border.color: Theme.colors.line
    Label {
        id: word
        anchors.centerIn: parent
        text: badge.text
        color: badge.tone
        font.pixelSize: Theme.sizeCaption
        font.weight: Font.Medium
    }
}
