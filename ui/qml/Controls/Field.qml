import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// One line of text to type.
T.TextField {
    id: field
    implicitWidth: 200
    implicitHeight: Theme.controlHeight
    leftPadding: Theme.unit * 1.25
    rightPadding: Theme.unit
    color: Theme.colors.text
    placeholderTextColor: Theme.colors.faint
    selectionColor: Theme.colors.accent
    selectedTextColor: Theme.colors.accentText
    font.family: Theme.sans
    font.pixelSize: Theme.sizeBody
    verticalAlignment: TextInput.AlignVCenter
    selectByMouse: true
    Accessible.name: placeholderText
    Label {
        anchors.fill: parent
        anchors.leftMargin: field.leftPadding
        text: field.placeholderText
        color: Theme.colors.faint
        visible: field.text === "" && field.preeditText === ""
    }
    background: Rectangle {
        color: Theme.colors.background
        radius: Theme.radiusControl
        border.color: field.activeFocus ? Theme.colors.accent : Theme.colors.line
        border.width: Theme.hairline
    }
}
