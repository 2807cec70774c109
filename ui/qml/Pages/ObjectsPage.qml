import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls
import Orrery.Kube

// Any kind as a table from the server's own columns.
Item {
    id: page
    required property Session session
    readonly property string kindId: session.objects.kindId
    Component.onCompleted: if (kindId === "") session.openKind("pods")
    RowLayout {
        anchors.fill: parent
        spacing: 0
        Item {
            Layout.preferredWidth: 224
            Layout.fillHeight: true
            Field {
                id: filter
                x: Theme.unit * 1.5
                y: Theme.unit * 2
                width: parent.width - Theme.unit * 3
                placeholderText: "Kinds"
                onTextEdited: page.session.kinds.filter = text
            }
            ListView {
                id: kinds
                y: filter.y + filter.height + Theme.unit
                width: parent.width
                height: parent.height - y
                model: page.session.kinds
                clip: true
                reuseItems: true
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: ThinScrollBar {}
                delegate: Rectangle {
                    id: row
                    required property string kindId
                    required property string kind
                    required property string apiVersion
                    required property var objects
                    x: Theme.unit
                    width: ListView.view.width - Theme.unit * 2
                    height: Theme.controlHeight
                    radius: Theme.radiusControl
                    color: kindId === page.kindId ? Theme.colors.raised
                        : over.hovered ? Theme.colors.hover
                        : "transparent"
                    activeFocusOnTab: true
                    Accessible.name: kind + ", " + objects + " objects"
                    Keys.onReturnPressed: page.session.openKind(kindId)
                    HoverHandler { id: over }
                    TapHandler { onTapped: page.session.openKind(row.kindId) }
                    FocusRing { target: row; anchors.margins: 0 }
                    Label {
                        x: Theme.unit
                        width: parent.width - number.width - Theme.unit * 3
                        height: parent.height
                        text: row.kind
                        color: row.kindId === page.kindId ? Theme.colors.text
                            : row.objects > 0 ? Theme.colors.text
                            : Theme.colors.faint
                    }
                    Secondary {
                        id: number
                        anchors.right: parent.right
                        anchors.rightMargin: Theme.unit
                        height: parent.height
                        text: row.objects > 0 ? row.objects : ""
                    }
                    Tip { shown: over.hovered; text: row.apiVersion }
                }
            }
        }
        Rule { Layout.fillHeight: true }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: Theme.unit * 3
            Layout.topMargin: Theme.unit * 2.25
            Layout.bottomMargin: 0
            spacing: Theme.unit
            RowLayout {
                spacing: Theme.unit * 1.5
                Label {
                    text: page.kindId
                    font.pixelSize: Theme.sizePage
                    font.weight: Font.DemiBold
                    Layout.fillWidth: true
                }
                Secondary {
                    readonly property int more: page.session.objects.left
                    text: page.session.objects.count + (more > 0 ? " shown, " + more + " more" : "")
                }
                Field {
                    placeholderText: "Name or namespace"
                    text: page.session.objects.filter
                    onTextEdited: page.session.objects.filter = text
                }
            }
            ObjectTable {
                Layout.fillWidth: true
                Layout.fillHeight: true
                objects: page.session.objects
                selected: page.session.inspector.key
                onChosen: (key) => page.session.inspect(key)
                EmptyState {
                    anchors.centerIn: parent
                    visible: page.session.objects.count === 0 && !page.session.objects.loading
                    title: "No " + page.kindId
                    explanation: "They would be listed here. Drop a manifest on the window, or "
                                 + "create one with kubectl."
                }
                Secondary {
                    anchors.centerIn: parent
                    visible: page.session.objects.loading
                    text: "reading…"
                }
            }
        }
    }
}
