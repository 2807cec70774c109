import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// The objects of one kind in the server's own columns.
Item {
    id: table
    required property ObjectsModel objects
    property string selected: ""
    signal chosen(string key)
    readonly property real letter: 7.3
    function columnWidth(index: int): real {
        const w = table.objects.widths
        let total = 0
        for (let i = 0; i < w.length; ++i)
            total += w[i] * letter + Theme.unit * 3
        const own = (w[index] ?? 8) * letter + Theme.unit * 3
        return total > 0 ? own * Math.max(1, table.width / total) : own
    }
    Flickable {
        id: sideways
        anchors.fill: parent
        contentWidth: Math.max(width, header.width)
        contentHeight: height
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        T.ScrollBar.horizontal: ThinScrollBar {}
        Row {
            id: header
            height: Theme.rowHeight
            Repeater {
                model: table.objects.columns
                delegate: Caption {
                    required property int index
                    required property string modelData
                    width: table.columnWidth(index)
                    height: parent.height
                    leftPadding: Theme.unit * 1.25
                    text: modelData
                }
            }
        }
        Rule { y: header.height; width: sideways.contentWidth }
        ListView {
            id: list
            y: header.height + 1
            width: sideways.contentWidth
            height: parent.height - y
            model: table.objects
            clip: true
            reuseItems: true
            boundsBehavior: Flickable.StopAtBounds
            keyNavigationEnabled: true
            activeFocusOnTab: true
            T.ScrollBar.vertical: ThinScrollBar {}
            delegate: Rectangle {
                id: row
                required property string key
                required property var cells
                required property int index
                width: ListView.view.width
                height: Theme.rowHeight
                color: key === table.selected ? Theme.colors.selected
                    : over.hovered ? Theme.colors.hover
                    : "transparent"
                Rectangle {
                    visible: row.key === table.selected
                             || (list.activeFocus && row.ListView.isCurrentItem)
                    width: 2
                    height: parent.height
                    color: Theme.colors.accent
                }
                Rule { anchors.bottom: parent.bottom; width: parent.width }
                HoverHandler { id: over }
                TapHandler { onTapped: { list.currentIndex = row.index; table.chosen(row.key) } }
                Keys.onReturnPressed: table.chosen(row.key)
                Row {
                    height: parent.height
                    Repeater {
                        model: row.cells
                        delegate: Label {
                            required property int index
                            required property string modelData
                            width: table.columnWidth(index)
                            height: parent.height
                            leftPadding: Theme.unit * 1.25
                            text: modelData
                            font.pixelSize: Theme.sizeSecondary
                            readonly property bool place:
                                index === 0 && table.objects.columns[0] === "Namespace"
                            color: place ? Theme.colors.muted : Theme.colors.text
                        }
                    }
                }
            }
        }
    }
}
