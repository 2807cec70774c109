import QtQuick
import Orrery.Theme

// What would be here, and the way to it.
Column {
    id: empty
    required property string title
    property string explanation: ""
    property string action: ""
    signal acted()
    width: Math.min(parent ? parent.width - Theme.unit * 6 : 420, 420)
    spacing: Theme.unit
    Heading {
        width: parent.width
        text: empty.title
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
    }
    Label {
        width: parent.width
        visible: text !== ""
        text: empty.explanation
        color: Theme.colors.muted
        wrapMode: Text.Wrap
        lineHeight: 1.25
        horizontalAlignment: Text.AlignHCenter
    }
    Item { width: 1; height: Theme.unit / 2; visible: empty.action !== "" }
    PushButton {
        visible: empty.action !== ""
        anchors.horizontalCenter: parent.horizontalCenter
        text: empty.action
        primary: true
        onClicked: empty.acted()
    }
}
