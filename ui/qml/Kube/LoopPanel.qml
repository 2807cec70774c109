import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// The selected loop: what waits in its queue, what it did last and why.
Rectangle {
    id: panel
    required property Session session
    readonly property var queued: session.loopDetail.queued ?? []
    readonly property var recent: session.loopDetail.recent ?? []
    readonly property var last: recent.length > 0 ? recent[0] : null
    implicitWidth: Theme.inspectorWidth

    function becauseOf(step: var): string {
        return step.because ? ", because " + step.because : ""
    }
    // One reconcile as a chain: what woke it, on what it worked, what came of it.
    function chainOf(step: var): var {
        const woken = (step.woken || "at its time") + (step.number ? ", " + step.number : "")
        const decided = step.error || step.decided || "nothing to do"
        return [{ who: "Woke", because: woken, offset: step.time },
                { who: "Worked on", because: step.key, offset: "" },
                { who: step.error ? "Failed" : "Decided",
                  because: decided + becauseOf(step), offset: "" }]
    }

    color: Theme.colors.surface
    Rule { height: parent.height }
    EmptyState {
        visible: panel.session.selectedLoop === ""
        anchors.centerIn: parent
        title: "No loop is selected"
        explanation: "Choose one to see its queue, what woke it, and what it decided. "
                     + "Paused means paused: kubectl still answers, the loop does nothing."
    }
    Flickable {
        visible: panel.session.selectedLoop !== ""
        anchors.fill: parent
        anchors.margins: Theme.unit * 2
        anchors.rightMargin: Theme.unit / 2
        contentHeight: column.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ThinScrollBar {}
        Column {
            id: column
            width: parent.width - Theme.unit * 1.5
            spacing: Theme.unit * 1.5
            Heading { width: parent.width; text: panel.session.selectedLoop }
            Caption { text: "Queue" }
            Repeater {
                model: panel.queued
                delegate: Mono {
                    required property string modelData
                    width: column.width
                    text: modelData
                }
            }
            Secondary { visible: panel.queued.length === 0; text: "empty" }
            Caption { text: panel.last ? "Last reconcile, " + panel.last.took : "Last reconcile" }
            Secondary { visible: !panel.last; text: "none since the start" }
            BecauseChain {
                width: parent.width
                visible: panel.last !== null
                rows: panel.last ? panel.chainOf(panel.last) : []
            }
            Caption { text: "Before"; visible: panel.recent.length > 1 }
            Repeater {
                model: panel.recent.slice(1, 16)
                delegate: Column {
                    id: step
                    required property var modelData
                    width: column.width
                    spacing: 1
                    Item {
                        width: parent.width
                        height: 18
                        Label {
                            width: parent.width - 90
                            text: step.modelData.error || step.modelData.decided || "nothing to do"
                            font.pixelSize: Theme.sizeSecondary
                            color: step.modelData.error ? Theme.colors.failed : Theme.colors.text
                        }
                        Mono {
                            anchors.right: parent.right
                            text: step.modelData.time
                            color: Theme.colors.faint
                            font.pixelSize: Theme.sizeCaption
                        }
                    }
                    Secondary {
                        width: parent.width
                        text: step.modelData.key + panel.becauseOf(step.modelData)
                        font.pixelSize: Theme.sizeCaption
                    }
                }
            }
        }
    }
}
