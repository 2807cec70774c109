import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// Which cluster this is, the way to everything, and the two actions that start most things.
Rectangle {
    id: bar
    required property Session session
    signal paletteWanted()
    signal filesWanted()
    readonly property bool narrow: width < 1180
    implicitHeight: Theme.topHeight
    color: Theme.colors.surface
    Rule { anchors.bottom: parent.bottom; width: parent.width }

    RowLayout {
        anchors.fill: parent
        anchors.rightMargin: Theme.unit * 2
        spacing: Theme.unit * 2
        Item {
            Layout.preferredWidth: Theme.railWidth
            Layout.fillHeight: true
            Icon { anchors.centerIn: parent; name: "mark"; size: 28; color: Theme.colors.accent }
        }
        Heading { text: bar.session.clusterName; Layout.maximumWidth: 180 }
        Chip {
            visible: bar.session.context !== ""
            label: "kubectl context"
            code: bar.session.context
            hasDot: true
            dot: bar.session.phase === Session.Running ? Theme.colors.running : Theme.colors.pending
            HoverHandler { id: overContext }
            Tip {
                shown: overContext.hovered
                y: parent.height + 6
                text: bar.session.serverUrl + "\n" + bar.session.kubeconfigPath
            }
        }
        Item { Layout.fillWidth: true; Layout.preferredWidth: 1 }
        T.AbstractButton {
            id: find
            Layout.preferredWidth: 430
            Layout.minimumWidth: 180
            Layout.fillWidth: true
            Layout.maximumWidth: 430
            Layout.preferredHeight: Theme.rowHeight
            focusPolicy: Qt.TabFocus
            hoverEnabled: true
            Accessible.name: "Find anything, or do something"
            onClicked: bar.paletteWanted()
            background: Rectangle {
                color: find.hovered ? Theme.colors.hover : Theme.colors.background
                radius: Theme.radiusControl
                border.color: Theme.colors.line
                FocusRing { target: find }
            }
            contentItem: Item {
                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    x: Theme.unit * 1.5
                    width: parent.width - hint.width - Theme.unit * 3
                    text: "Find anything, or do something"
                    color: Theme.colors.faint
                }
                Badge {
                    id: hint
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.right: parent.right
                    anchors.rightMargin: Theme.unit * 1.5
                    text: "Ctrl K"
                    tone: Theme.colors.muted
                }
            }
        }
        Item { Layout.fillWidth: true; Layout.preferredWidth: 1 }
        Chip {
            visible: !bar.narrow
            readonly property int amount: bar.session.nodes.count
            label: bar.session.number(amount) + (amount === 1 ? " node" : " nodes")
        }
        Chip {
            visible: !bar.narrow
            readonly property int amount: bar.session.pods.count
            label: bar.session.number(amount) + (amount === 1 ? " pod" : " pods")
        }
        Chip { code: "rev " + bar.session.revision }
        PushButton {
            text: "Add node"
            enabled: bar.session.phase === Session.Running
            onClicked: bar.session.addNode()
        }
        PushButton {
            text: "Apply YAML"
            primary: true
            enabled: bar.session.phase === Session.Running
            onClicked: bar.filesWanted()
        }
    }
}
