import QtQuick
import Orrery.Theme
import Orrery.Controls

// Takes YAML files dropped anywhere on the window.
DropArea {
    id: area
    signal filesDropped(var urls)
    keys: ["text/uri-list"]
    onDropped: (drop) => {
        if (!drop.hasUrls)
            return
        drop.accept(Qt.CopyAction)
        area.filesDropped(drop.urls)
    }
    Rectangle {
        anchors.fill: parent
        visible: area.containsDrag
        color: Theme.colors.scrim
        Rectangle {
            anchors.centerIn: parent
            width: 360
            height: 150
            radius: Theme.radiusPlace
            color: Theme.colors.surface
            border.color: Theme.colors.accent
            Column {
                anchors.centerIn: parent
                spacing: Theme.unit
                Icon {
                    anchors.horizontalCenter: parent.horizontalCenter
                    name: "file"
                    size: 32
                    color: Theme.colors.accent
                }
                Heading { anchors.horizontalCenter: parent.horizontalCenter; text: "Drop to apply" }
                Secondary {
                    anchors.horizontalCenter: parent.horizontalCenter
                    text: "YAML or JSON manifests, any number of files"
                }
            }
        }
    }
}
