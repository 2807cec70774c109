import QtQuick
import QtQuick.Layouts
import Orrery
import Orrery.Theme
import Orrery.Controls

// One control loop in the list.
Rectangle {
    id: row
    required property string name
    required property string title
    required property bool paused
    required property int queueLength
    required property var steps
    required property var activity
    required property string rate
    required property real share
    required property string decided
    required property string because
    required property string key
    required property string error
    property bool selected: false
    signal chosen()
    signal pauseWanted()
    signal resumeWanted()
    signal stepWanted()
    height: Theme.tallRowHeight
    color: selected ? Theme.colors.selected : over.hovered ? Theme.colors.hover : "transparent"
    activeFocusOnTab: true
    Keys.onReturnPressed: chosen()
    onStepsChanged: if (steps > 0) lap.restart()
    Rectangle {
        visible: row.selected || row.activeFocus
        width: 2
        height: parent.height
        color: Theme.colors.accent
    }
    Rule { anchors.bottom: parent.bottom; width: parent.width }
    HoverHandler { id: over }
    TapHandler { onTapped: row.chosen() }
    NumberAnimation {
        id: lap
        target: ring
        property: "bead"
        from: 0
        to: 1
        duration: Theme.lapMs
        easing.type: Easing.InOutQuad
    }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.unit * 1.5
        anchors.rightMargin: Theme.unit * 1.25
        spacing: Theme.unit * 2
        LoopRing {
            id: ring
            Layout.preferredWidth: 30
            Layout.preferredHeight: 30
            paused: row.paused
            queueLength: row.queueLength
            share: row.share
            bead: row.steps > 0 ? 0 : -1
            line: Theme.colors.line
            accent: Theme.colors.accent
            pending: Theme.colors.pending
            faint: Theme.colors.faint
            Heading {
                anchors.centerIn: parent
                visible: row.queueLength > 0 && !row.paused
                text: row.queueLength > 99 ? "99+" : row.queueLength
                font.pixelSize: Theme.sizeCaption
            }
        }
        Column {
            Layout.preferredWidth: 188
            spacing: 1
            Heading { width: parent.width; text: row.title; font.pixelSize: Theme.sizeBody }
            Secondary {
                width: parent.width
                visible: text !== ""
                text: row.paused && row.queueLength > 0 ? row.queueLength + " in its queue"
                    : row.key
            }
        }
        Bars {
            Layout.preferredWidth: 70
            Layout.preferredHeight: 18
            values: row.activity
            color: Theme.colors.wash(Theme.colors.accent, 0.5)
            recentColor: Theme.colors.accent
        }
        Label {
            Layout.preferredWidth: 52
            text: row.paused ? "paused" : row.rate
            color: row.paused ? Theme.colors.pending : Theme.colors.muted
        }
        Column {
            Layout.fillWidth: true
            spacing: 1
            Label {
                width: parent.width
                text: row.decided === "" ? "nothing yet" : row.decided
                color: row.error !== "" ? Theme.colors.failed
                    : row.decided === "" ? Theme.colors.muted
                    : Theme.colors.text
            }
            Secondary {
                width: parent.width
                visible: text !== ""
                text: row.because === "" ? "" : "because " + row.because
            }
        }
        PushButton {
            text: row.paused ? "Resume" : "Pause"
            toned: row.paused
            tone: Theme.colors.pending
            onClicked: row.paused ? row.resumeWanted() : row.pauseWanted()
        }
        PushButton {
            text: "Step"
            enabled: row.paused
            onClicked: row.stepWanted()
            Layout.leftMargin: -Theme.unit * 1.5
        }
    }
}
