import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// An object as YAML: to read, to select, to copy.
Item {
    id: view
    required property string yaml
    signal copyWanted()
    Flickable {
        id: flick
        anchors.fill: parent
        contentWidth: Math.max(width, edit.implicitWidth)
        contentHeight: edit.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ThinScrollBar {}
        T.ScrollBar.horizontal: ThinScrollBar {}
        TextEdit {
            id: edit
            width: flick.contentWidth
            text: view.yaml
            readOnly: true
            selectByMouse: true
            textFormat: TextEdit.PlainText
            font.family: Theme.mono
            font.pixelSize: Theme.sizeSecondary
            color: Theme.colors.text
            selectionColor: Theme.colors.accent
            selectedTextColor: Theme.colors.accentText
            Accessible.name: "YAML"
            YamlColors {
                target: edit.textDocument
                key: Theme.colors.muted
                value: Theme.colors.text
                punctuation: Theme.colors.faint
                number: Theme.colors.accent
            }
        }
    }
    IconButton {
        anchors.right: parent.right
        anchors.rightMargin: Theme.unit
        visible: view.yaml !== ""
        framed: true
        iconName: "copy"
        text: "Copy"
        onClicked: view.copyWanted()
    }
}
