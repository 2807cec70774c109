import QtQuick
import QtQuick.Layouts
import Orrery.Theme
import Orrery.Controls

// Who did something, because of what; the newest last.
// Rows: {who, because, offset or number, revision}.
Column {
    id: chain
    required property var rows
    property string aside: "offset" // which value stands at the right
    signal chosen(var row)
    Repeater {
        model: chain.rows
        delegate: Item {
            id: link
            required property var modelData
            required property int index
            readonly property bool last: index === chain.rows.length - 1
            width: chain.width
            height: words.implicitHeight + Theme.unit * 1.5
            Rectangle {
                visible: !link.last
                x: 5
                y: 12
                width: Theme.hairline * 2
                height: link.height - 4
                color: Theme.colors.line
            }
            Rectangle {
                x: 0
                y: 4
                width: 11
                height: 11
                radius: 6
                color: link.last ? Theme.colors.accent : Theme.colors.surface
                border.color: Theme.colors.accent
                border.width: 1.5
            }
            Column {
                id: words
                x: 24
                width: parent.width - 24
                spacing: 3
                RowLayout {
                    width: parent.width
                    Heading {
                        Layout.fillWidth: true
                        text: link.modelData.who
                        font.pixelSize: Theme.sizeBody
                    }
                    Mono {
                        text: link.modelData[chain.aside] ?? ""
                        color: Theme.colors.faint
                        font.pixelSize: Theme.sizeCaption
                    }
                }
                Secondary {
                    width: parent.width
                    visible: text !== ""
                    text: link.modelData.because
                    wrapMode: Text.Wrap
                    lineHeight: 1.15
                    maximumLineCount: 6
                }
            }
            TapHandler { onTapped: chain.chosen(link.modelData) }
        }
    }
}
