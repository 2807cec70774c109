import QtQuick
import QtQuick.Templates as T
import Orrery.Theme
import Orrery.Controls

// The pages. A page that does not exist yet is not here.
Rectangle {
    id: rail
    required property string page
    signal chosen(string page)
    implicitWidth: Theme.railWidth
    color: Theme.colors.surface
    Rule { anchors.right: parent.right; height: parent.height }
    Column {
        anchors.top: parent.top
        anchors.topMargin: Theme.unit * 1.5
        width: parent.width
        spacing: Theme.unit / 2
        Repeater {
            model: [{ id: "cluster", name: "Cluster" }, { id: "loops", name: "Loops" },
                    { id: "store", name: "Store" }, { id: "objects", name: "Objects" }]
            delegate: T.AbstractButton {
                id: entry
                required property var modelData
                readonly property bool current: rail.page === modelData.id
                x: (rail.width - width) / 2
                width: rail.width - Theme.unit * 1.5
                height: 54
                focusPolicy: Qt.TabFocus
                hoverEnabled: true
                Accessible.role: Accessible.PageTab
                Accessible.name: modelData.name
                onClicked: rail.chosen(modelData.id)
                background: Rectangle {
                    radius: Theme.radiusRail
                    color: entry.current ? Theme.colors.raised
                        : entry.hovered ? Theme.colors.hover
                        : "transparent"
                    Behavior on color { ColorAnimation { duration: Theme.stateMs } }
                    FocusRing { target: entry; anchors.margins: 0; radius: Theme.radiusRail }
                }
                contentItem: Item {
                    Icon {
                        anchors.horizontalCenter: parent.horizontalCenter
                        y: 8
                        name: entry.modelData.id
                        color: entry.current ? Theme.colors.accent : Theme.colors.muted
                    }
                    Label {
                        anchors.horizontalCenter: parent.horizontalCenter
                        y: 32
                        text: entry.modelData.name
                        font.pixelSize: Theme.sizeCaption
                        color: entry.current ? Theme.colors.text : Theme.colors.muted
                    }
                }
            }
        }
    }
}
