import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// A button with a word. `primary`: the one action of its place. `tone`: a colour for its border and
// word.
T.Button {
    id: button
    property bool primary: false
    property color tone: Theme.colors.text
    property bool toned: false

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Theme.controlHeight
    leftPadding: Theme.unit * 1.5
    rightPadding: Theme.unit * 1.5
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text

    contentItem: Label {
        text: button.text
        font.weight: Font.Medium
        horizontalAlignment: Text.AlignHCenter
        color: button.primary ? Theme.colors.accentText : !button.enabled ? Theme.colors.faint
             : button.toned ? button.tone : Theme.colors.text
    }
    background: Rectangle {
        radius: Theme.radiusControl
        readonly property color accent: button.down ? Qt.darker(Theme.colors.accent, 1.15)
                                      : button.hovered ? Qt.lighter(Theme.colors.accent, 1.07)
                                      : Theme.colors.accent
        color: button.primary ? accent
             : button.down ? Theme.colors.surface
             : button.hovered && button.enabled ? Theme.colors.hover
             : Theme.colors.raised
        border.width: button.primary ? 0 : Theme.hairline
        border.color: button.toned ? button.tone : Theme.colors.line
        Behavior on color { ColorAnimation { duration: Theme.stateMs } }
        FocusRing { target: button }
    }
}
