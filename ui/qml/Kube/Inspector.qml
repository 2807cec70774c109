import QtQuick
import Orrery as O
import Orrery.Theme
import Orrery.Controls

// The right panel: whatever is selected.
Rectangle {
    id: panel
    required property O.Session session
    readonly property O.Inspector subject: session.inspector
    readonly property string tab: tabs.tabs[tabs.current]
    readonly property bool followsLogs: visible && tab === "Logs" && subject.exists
    onFollowsLogsChanged: session.followLogs(followsLogs)
    function showTab(name: string) { tabs.current = Math.max(0, tabs.tabs.indexOf(name)) }
    signal revisionChosen(real revision)
    implicitWidth: Theme.inspectorWidth
    color: Theme.colors.surface
    Rule { height: parent.height }

    Item {
        visible: panel.subject.key !== ""
        anchors.fill: parent
        anchors.margins: Theme.unit * 2
        PhaseMark {
            id: phase
            visible: panel.subject.shape > 0
            y: 9
            size: 20
            shape: panel.subject.shape
        }
        Column {
            x: phase.visible ? Theme.unit * 4 : 0
            width: parent.width - x - Theme.unit * 4
            Heading { width: parent.width; text: panel.subject.name; elide: Text.ElideMiddle }
            Secondary {
                width: parent.width
                font.pixelSize: Theme.sizeBody
                text: panel.subject.loading ? "reading…"
                    : panel.subject.exists ? panel.subject.summary
                    : "It is gone. " + panel.subject.summary
            }
        }
        IconButton {
            anchors.right: parent.right
            iconName: "close"
            text: "Close"
            onClicked: panel.session.inspect("")
        }
        TabStrip {
            id: tabs
            y: 44
            width: parent.width
            tabs: panel.subject.kind === "Pod" ? ["Journey", "YAML", "Events", "History", "Logs"]
                                           : ["Journey", "YAML", "Events", "History"]
            onTabsChanged: if (current >= tabs.length) current = 0
        }
        Item {
            y: tabs.y + tabs.height + Theme.unit * 2
            width: parent.width + Theme.unit * 1.5 // scroll bars stand in the margin
            height: parent.height - y
            JourneyTab {
                anchors.fill: parent
                visible: panel.tab === "Journey"
                inspector: panel.subject
                onRevisionChosen: (revision) => panel.revisionChosen(revision)
            }
            YamlView {
                anchors.fill: parent
                visible: panel.tab === "YAML"
                yaml: panel.subject.yaml
                onCopyWanted: panel.session.copy(panel.subject.yaml)
            }
            EventList {
                anchors.fill: parent
                visible: panel.tab === "Events"
                events: panel.subject.events
            }
            LogView { anchors.fill: parent; visible: panel.tab === "Logs"; log: panel.subject.log }
            HistoryView {
                anchors.fill: parent
                anchors.rightMargin: Theme.unit * 1.5
                visible: panel.tab === "History"
                versions: panel.subject.versions
                diff: panel.subject.diff
                diffFrom: panel.subject.diffFrom
                diffTo: panel.subject.diffTo
                onCompared: (from, to) => panel.session.inspect(panel.subject.key, from, to)
            }
        }
    }
    EmptyState {
        visible: panel.subject.key === ""
        anchors.centerIn: parent
        title: "Nothing is selected"
        explanation: "Click a pod or a node to see why it is there, how it came there, "
                     + "and what the scheduler weighed."
    }
}
