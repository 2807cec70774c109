import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// The selected revision: because of what, and what it led to.
Rectangle {
    id: panel
    required property Session session
    required property real revision
    // Asked again when more revisions arrive: they may be what this one led to.
    readonly property var about: session.revisions.count === 0 && revision <= 0 ? ({})
        : session.revisions.about(revision)
    readonly property bool known: about.number !== undefined
    signal revisionChosen(real revision)
    signal keyChosen(string key)
    implicitWidth: Theme.inspectorWidth
    color: Theme.colors.surface
    Rule { height: parent.height }
    EmptyState {
        visible: !panel.known
        anchors.centerIn: parent
        title: panel.revision > 0 ? "This revision is no longer listed" : "No revision is selected"
        explanation: "Every change is a revision. Choose one to see who wrote it, because of what, "
                     + "and what it led to."
    }
    Flickable {
        visible: panel.known
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
            Mono {
                text: panel.about.number ?? ""
                font.pixelSize: Theme.sizeTitle
                font.weight: Font.Medium
            }
            Secondary {
                width: parent.width
                topPadding: -Theme.unit
                font.pixelSize: Theme.sizeBody
                readonly property var parts: [panel.about.who, panel.about.size, panel.about.time]
                text: panel.known ? "by " + parts.join(", ") : ""
            }
            Mono {
                width: parent.width
                text: panel.about.key ?? ""
                wrapMode: Text.WrapAnywhere
                maximumLineCount: 3
            }
            Caption { text: "Because of" }
            BecauseChain {
                width: parent.width
                rows: panel.about.causes ?? []
                aside: "number"
                onChosen: (row) => panel.revisionChosen(row.revision)
            }
            Caption { text: "Led to"; visible: (panel.about.ledTo ?? []).length > 0 }
            Repeater {
                model: panel.about.ledTo ?? []
                delegate: Item {
                    id: effect
                    required property var modelData
                    width: column.width
                    height: 34
                    Label {
                        width: parent.width - 70
                        text: effect.modelData.verb + " " + effect.modelData.key
                        font.weight: Font.Medium
                        font.pixelSize: Theme.sizeSecondary
                        elide: Text.ElideMiddle
                    }
                    Mono {
                        anchors.right: parent.right
                        text: effect.modelData.number
                        color: Theme.colors.faint
                        font.pixelSize: Theme.sizeCaption
                    }
                    Secondary {
                        y: 17
                        width: parent.width
                        readonly property string because: effect.modelData.because ?? ""
                        text: effect.modelData.who + (because ? ", because " + because : "")
                        font.pixelSize: Theme.sizeCaption
                    }
                    TapHandler { onTapped: panel.revisionChosen(effect.modelData.revision) }
                }
            }
            PushButton {
                text: "Versions of this object"
                onClicked: panel.keyChosen("/registry/" + panel.about.key)
            }
        }
    }
}
