import QtQuick
import QtQuick.Layouts
import Orrery
import Orrery.Theme
import Orrery.Controls

// Pause and step everything; revisions over time; the clock.
Rectangle {
    id: bar
    required property Session session
    readonly property bool paused: session.loops.pausedCount > 0
    implicitHeight: Theme.timeHeight
    color: Theme.colors.surface
    Rule { width: parent.width }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.unit * 2
        anchors.rightMargin: Theme.unit * 2
        spacing: Theme.unit * 1.75
        IconButton {
            framed: true
            iconName: bar.paused ? "play" : "pause"
            text: bar.paused ? "Resume all loops (Space)" : "Pause all loops (Space)"
            onClicked: bar.session.togglePause()
        }
        PushButton {
            text: "Step"
            enabled: bar.paused
            Accessible.description: "Lets one key of every paused loop through"
            onClicked: bar.session.stepLoop("")
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Skyline {
                id: skyline
                width: parent.width
                y: 14
                height: 44
                timeline: bar.session.timeline
                color: Theme.colors.accent
                line: Theme.colors.line
                cursor: Theme.colors.text
            }
            Repeater {
                model: skyline.hours
                delegate: Secondary {
                    required property var modelData
                    x: skyline.width * modelData.share - width / 2
                    y: 60
                    text: modelData.text
                    font.pixelSize: Theme.sizeCaption
                    color: Theme.colors.faint
                }
            }
        }
        Column {
            Layout.preferredWidth: 124
            spacing: Theme.unit / 2
            Mono {
                anchors.right: parent.right
                text: bar.session.clock
                font.pixelSize: Theme.sizeTitle
            }
            Row {
                anchors.right: parent.right
                spacing: Theme.unit * 0.75
                Rectangle {
                    width: 8
                    height: 8
                    radius: 4
                    anchors.verticalCenter: parent.verticalCenter
                    color: bar.paused ? Theme.colors.pending : Theme.colors.running
                }
                Secondary {
                    text: !bar.paused ? "live" : bar.session.loops.allPaused ? "loops paused"
                        : bar.session.loops.pausedCount + " paused"
                    color: bar.paused ? Theme.colors.pending : Theme.colors.running
                }
            }
        }
    }
}
