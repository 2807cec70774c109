import QtQuick
import QtQuick.Templates as T
import Orrery.Theme
import Orrery.Controls

// What a pod writes; stays at the end while it is there.
Flickable {
    id: view
    required property string log
    property bool follow: true
    contentWidth: width
    contentHeight: edit.implicitHeight
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ThinScrollBar {}
    onMovementEnded: follow = atYEnd
    onContentHeightChanged: if (follow) contentY = Math.max(0, contentHeight - height)
    TextEdit {
        id: edit
        width: view.width - Theme.unit * 1.5
        text: view.log
        readOnly: true
        selectByMouse: true
        wrapMode: TextEdit.WrapAnywhere
        textFormat: TextEdit.PlainText
        font.family: Theme.mono
        font.pixelSize: Theme.sizeCaption
        color: Theme.colors.text
        selectionColor: Theme.colors.accent
        selectedTextColor: Theme.colors.accentText
        Accessible.name: "Log"
    }
    Secondary { visible: view.log === ""; text: "nothing written yet" }
}
