import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls
import Orrery.Kube

// Revisions as they arrive, the keys, and an object's versions.
Item {
    id: page
    required property Session session
    property real revision: 0
    signal keyChosen(string key)
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.unit * 3
        anchors.topMargin: Theme.unit * 2.25
        anchors.bottomMargin: Theme.unit * 2
        spacing: Theme.unit / 2
        RowLayout {
            spacing: Theme.unit * 1.5
            Label { text: "Store"; font.pixelSize: Theme.sizePage; font.weight: Font.DemiBold }
            Chip {
                label: "store.db, " + page.session.storeSize
                HoverHandler { id: overFile }
                Tip { shown: overFile.hovered; y: parent.height + 6; text: page.session.dataFolder }
            }
            Chip { label: "kept since rev " + page.session.keptSince }
            Item { Layout.fillWidth: true }
        }
        Label {
            text: "Every change is a revision: who wrote what, and because of what. "
                  + "Nothing else is the truth."
            color: Theme.colors.muted
            Layout.fillWidth: true
        }
        Item {
            id: header
            Layout.topMargin: Theme.unit * 1.5
            Layout.fillWidth: true
            Layout.preferredHeight: 20
            RevisionColumns { id: places; width: header.width }
            Caption { x: places.number; text: "Rev" }
            Caption { x: places.time; text: "Time" }
            Caption { x: places.who; text: "Who" }
            Caption { x: places.verb; text: "Verb" }
            Caption { x: places.key; text: "Key" }
            Caption {
                x: places.size
                width: 58
                horizontalAlignment: Text.AlignRight
                text: "Size"
            }
            Caption { x: places.because; text: "Because" }
        }
        Rule { Layout.fillWidth: true; Layout.topMargin: Theme.unit / 2 }
        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: 60
            model: page.session.revisions
            clip: true
            reuseItems: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ThinScrollBar {}
            property bool follow: true
            onMovementEnded: follow = atYBeginning
            onCountChanged: if (follow) Qt.callLater(positionViewAtBeginning)
            delegate: RevisionRow {
                width: ListView.view.width
                columns: places
                selected: page.revision === revision
                onChosen: page.revision = revision
            }
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: 50
            Layout.topMargin: Theme.unit * 1.5
            spacing: Theme.unit * 3
            ColumnLayout {
                Layout.fillWidth: false
                Layout.preferredWidth: 270
                Layout.fillHeight: true
                Caption { text: "Keys"; Layout.preferredHeight: Theme.controlHeight }
                KeyTree {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    keys: page.session.keys
                    selected: page.session.inspector.key
                    onToggled: (prefix) => page.session.toggleKeys(prefix)
                    onChosen: (key) => page.keyChosen(key)
                }
            }
            ColumnLayout {
                Layout.fillWidth: true
                Layout.fillHeight: true
                RowLayout {
                    Caption {
                        readonly property var subject: page.session.inspector
                        Layout.fillWidth: true
                        text: page.session.inspector.key === "" ? "Difference"
                            : page.session.inspector.key.substring(10)
                              + ", rev " + (subject.diffFrom > 0 ? subject.diffFrom + " to " : "")
                              + subject.diffTo
                        elide: Text.ElideMiddle
                    }
                    Segmented { id: shown; choices: ["Difference", "Value"] }
                }
                Rectangle {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    color: Theme.colors.surface
                    border.color: Theme.colors.line
                    radius: Theme.radiusRail
                    DiffView {
                        anchors.fill: parent
                        anchors.margins: Theme.unit * 1.5
                        visible: page.session.inspector.key !== "" && shown.current === 0
                        rows: page.session.inspector.diff
                    }
                    YamlView {
                        anchors.fill: parent
                        anchors.margins: Theme.unit * 1.5
                        visible: page.session.inspector.key !== "" && shown.current === 1
                        yaml: page.session.inspector.yaml
                        onCopyWanted: page.session.copy(yaml)
                    }
                    Secondary {
                        anchors.centerIn: parent
                        visible: page.session.inspector.key === ""
                        text: "Choose a key to compare its versions."
                    }
                }
            }
        }
    }
}
