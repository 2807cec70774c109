import QtQuick
import Orrery.Theme
import Orrery.Controls

// The scheduler's verdict: every node, every plugin.
// Rows: {node, reason, chosen, total, cells: [{text, percent}]}.
Column {
    id: grid
    required property list<string> plugins
    required property var rows
    readonly property real nameWidth: 48
    readonly property real totalWidth: 38
    readonly property real cellWidth: (width - nameWidth - totalWidth) / Math.max(1, plugins.length)
    spacing: Theme.unit / 2

    Row {
        visible: grid.plugins.length > 0
        Item { width: grid.nameWidth; height: 1 }
        Repeater {
            model: grid.plugins
            delegate: Secondary {
                required property string modelData
                width: grid.cellWidth
                text: modelData
                font.pixelSize: Theme.sizeCaption
                horizontalAlignment: Text.AlignHCenter
            }
        }
        Secondary {
            width: grid.totalWidth
            text: "Total"
            font.pixelSize: Theme.sizeCaption
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Repeater {
        model: grid.rows
        delegate: Rectangle {
            id: row
            required property var modelData
            width: grid.width
            height: Theme.controlHeight
            radius: Theme.radiusControl
            color: "transparent"
            border.color: modelData.chosen ? Theme.colors.accent : "transparent"
            Heading {
                x: Theme.unit
                width: grid.nameWidth - Theme.unit
                height: parent.height
                text: row.modelData.node
                font.pixelSize: Theme.sizeSecondary
            }
            Rectangle {
                visible: row.modelData.reason !== ""
                x: grid.nameWidth
                width: parent.width - x
                height: parent.height - 6
                anchors.verticalCenter: parent.verticalCenter
                radius: 4
                color: Theme.colors.wash(Theme.colors.failed, 0.14)
                Secondary {
                    anchors.fill: parent
                    anchors.leftMargin: Theme.unit
                    anchors.rightMargin: Theme.unit
                    text: row.modelData.reason
                    color: Theme.colors.failed
                }
            }
            Row {
                visible: row.modelData.reason === ""
                x: grid.nameWidth
                height: parent.height
                Repeater {
                    model: row.modelData.cells
                    delegate: Item {
                        id: cell
                        required property var modelData
                        width: grid.cellWidth
                        height: row.height
                        Rectangle {
                            anchors.centerIn: parent
                            width: Math.min(33, parent.width - 4)
                            height: 20
                            radius: 4
                            visible: cell.modelData.percent >= 0
                            readonly property real share: Math.max(0, cell.modelData.percent) / 100
                        color: Theme.colors.wash(Theme.colors.running, 0.08 + 0.5 * share)
                        }
                        Secondary {
                            anchors.centerIn: parent
                            text: cell.modelData.text === "" ? "–" : cell.modelData.text
                            color: Theme.colors.text
                        }
                    }
                }
                Heading {
                    width: grid.totalWidth
                    height: parent.height
                    horizontalAlignment: Text.AlignHCenter
                    text: row.modelData.total
                    font.pixelSize: Theme.sizeSecondary
                }
            }
        }
    }
}
