import QtQuick
import QtQuick.Templates as T
import Orrery.Theme
import Orrery.Controls

// What changed between two versions. Rows: {depth, label, before, after, what};
// what: 0 context, 1 changed, 2 added, 3 removed.
Flickable {
    id: view
    required property var rows
    contentHeight: column.implicitHeight
    contentWidth: width
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ThinScrollBar {}
    Column {
        id: column
        width: parent.width
        spacing: 3
        Repeater {
            model: view.rows
            delegate: Row {
                id: line
                required property var modelData
                spacing: Theme.unit
                leftPadding: modelData.depth * Theme.unit * 1.75
                Secondary {
                    text: line.modelData.label
                    color: line.modelData.what === 0 ? Theme.colors.muted : Theme.colors.text
                    height: 18
                }
                component Value: Rectangle {
                    property alias text: word.text
                    visible: word.text !== ""
                    readonly property real room: Math.max(40, view.width - line.leftPadding - 60)
                    width: Math.min(word.implicitWidth + 8, room)
                    height: Math.max(18, word.contentHeight + 2)
                    radius: 3
                    Secondary {
                        id: word
                        x: 4
                        width: parent.width - 8
                        height: parent.height
                        color: Theme.colors.text
                        wrapMode: Text.WrapAnywhere
                        maximumLineCount: 6
                    }
                }
                Value {
                    text: line.modelData.before
                    color: Theme.colors.wash(Theme.colors.failed, 0.28)
                }
                Value {
                    text: line.modelData.after
                    color: Theme.colors.wash(Theme.colors.running, 0.30)
                }
            }
        }
        Secondary { visible: view.rows.length === 0; text: "Nothing differs." }
    }
}
