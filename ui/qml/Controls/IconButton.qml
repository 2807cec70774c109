import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// A square button with an icon; `text` is its accessible name and tip.
T.Button {
    id: button
    required property string iconName
    property bool framed: false
    implicitWidth: Theme.controlHeight + (framed ? Theme.unit : 0)
    implicitHeight: Theme.controlHeight
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: button.iconName
            size: 18
            color: !button.enabled ? Theme.colors.faint
                : button.hovered || button.framed ? Theme.colors.text
                : Theme.colors.muted
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: button.down ? Theme.colors.surface
            : button.hovered ? Theme.colors.hover
            : button.framed ? Theme.colors.raised
            : "transparent"
        border.width: button.framed ? Theme.hairline : 0
        border.color: Theme.colors.line
        FocusRing { target: button }
    }
    Tip { shown: button.hovered && button.text !== ""; text: button.text }
}
