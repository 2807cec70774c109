import QtQuick
import Orrery
import Orrery.Theme
import Orrery.Controls

// Instead of the pages while the plane starts, stops, or can't.
Rectangle {
    id: page
    required property Session session
    signal quitWanted()
    color: Theme.colors.background
    Column {
        anchors.centerIn: parent
        width: Math.min(560, parent.width - Theme.unit * 8)
        spacing: Theme.unit * 2
        Icon {
            anchors.horizontalCenter: parent.horizontalCenter
            name: page.session.phase === Session.Failed ? "alert" : "mark"
            size: 48
            color: page.session.phase === Session.Failed ? Theme.colors.failed : Theme.colors.accent
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            font.pixelSize: Theme.sizePage
            font.weight: Font.DemiBold
            text: page.session.phase === Session.Failed ? "The cluster can't start"
                : page.session.phase === Session.Stopping ? "Stopping…"
                : "Starting…"
        }
        Label {
            visible: page.session.phase !== Session.Starting
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.3
            maximumLineCount: 12
            color: Theme.colors.muted
            text: page.session.phase === Session.Failed ? page.session.failure
                : "Writes what is pending, then closes the store. "
                  + "Opening the window again continues this cluster."
        }
        PushButton {
            visible: page.session.phase === Session.Failed
            anchors.horizontalCenter: parent.horizontalCenter
            text: "Quit"
            primary: true
            onClicked: page.quitWanted()
        }
    }
}
