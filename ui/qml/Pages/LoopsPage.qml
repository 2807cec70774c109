import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls
import Orrery.Kube

// Every control loop: its queue, what it decided, and the brakes.
Item {
    id: page
    required property Session session
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.unit * 3
        anchors.topMargin: Theme.unit * 2.25
        anchors.bottomMargin: 0
        spacing: Theme.unit / 2
        RowLayout {
            spacing: Theme.unit * 1.5
            Label {
                text: "Loops"
                font.pixelSize: Theme.sizePage
                font.weight: Font.DemiBold
                Layout.fillWidth: true
            }
            PushButton {
                text: "Pause all"
                enabled: !page.session.loops.allPaused
                onClicked: page.session.pauseLoop("")
            }
            PushButton {
                text: "Step all"
                enabled: page.session.loops.pausedCount > 0
                onClicked: page.session.stepLoop("")
            }
            PushButton {
                text: "Resume all"
                enabled: page.session.loops.pausedCount > 0
                onClicked: page.session.resumeLoop("")
            }
        }
        Label {
            text: "Each loop watches, queues what changed, and makes the world a little more like "
                  + "the wish. Pause one and see what stops."
            color: Theme.colors.muted
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.topMargin: Theme.unit * 1.5
            Layout.fillWidth: true
            Layout.leftMargin: Theme.unit * 1.5
            spacing: Theme.unit * 2
            Item { Layout.preferredWidth: 30; Layout.preferredHeight: 20 }
            Caption { text: "Loop"; Layout.preferredWidth: 172 }
            Caption { text: "Minute"; Layout.preferredWidth: 70 }
            Caption { text: "Rate"; Layout.preferredWidth: 52 }
            Caption { text: "Last decision"; Layout.fillWidth: true }
        }
        Rule { Layout.fillWidth: true; Layout.topMargin: Theme.unit / 2 }
        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            model: page.session.loops
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ThinScrollBar {}
            delegate: LoopRow {
                width: ListView.view.width
                selected: page.session.selectedLoop === name
                onChosen: page.session.selectLoop(name)
                onPauseWanted: page.session.pauseLoop(name)
                onResumeWanted: page.session.resumeLoop(name)
                onStepWanted: page.session.stepLoop(name)
            }
        }
    }
}
