import QtQuick
import Orrery.Theme

// Around whatever the keyboard acts on.
Rectangle {
    required property Item target
    anchors.fill: parent
    anchors.margins: -Theme.focusLine - 1
    visible: target.visualFocus === undefined ? target.activeFocus : target.visualFocus
    color: "transparent"
    radius: Theme.radiusControl + Theme.focusLine
    border.color: Theme.colors.accent
    border.width: Theme.focusLine
}
