import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// Find anything, or do something.
Sheet {
    id: palette
    required property Session session
    signal picked(string target)
    width: 560
    y: 72
    height: Math.min(460, field.height + list.contentHeight + Theme.unit * 4)
    onOpened: { field.text = ""; session.search(""); field.forceActiveFocus() }
    function pick() {
        const item = list.currentItem
        if (!item)
            return
        palette.close()
        palette.picked(item.target)
    }
    contentItem: Item {
        Field {
            id: field
            x: Theme.unit * 1.5
            y: Theme.unit * 1.5
            width: parent.width - Theme.unit * 3
            height: Theme.rowHeight + 4
            placeholderText: "Find anything, or do something"
            onTextEdited: palette.session.search(text)
            Keys.onDownPressed: list.incrementCurrentIndex()
            Keys.onUpPressed: list.decrementCurrentIndex()
            Keys.onReturnPressed: palette.pick()
            Keys.onEnterPressed: palette.pick()
        }
        ListView {
            id: list
            y: field.y + field.height + Theme.unit
            width: parent.width
            height: parent.height - y - Theme.unit
            model: palette.session.palette
            clip: true
            currentIndex: 0
            highlightMoveDuration: 0
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ThinScrollBar {}
            Connections {
                target: palette.session.palette
                function onModelReset() { list.currentIndex = 0 }
            }
            delegate: Rectangle {
                id: row
                required property string title
                required property string detail
                required property string icon
                required property string target
                required property string shortcut
                required property int index
                x: Theme.unit
                width: ListView.view.width - Theme.unit * 2
                height: Theme.rowHeight + 4
                radius: Theme.radiusControl
                color: ListView.isCurrentItem ? Theme.colors.raised
                    : over.hovered ? Theme.colors.hover
                    : "transparent"
                HoverHandler { id: over }
                TapHandler { onTapped: { list.currentIndex = row.index; palette.pick() } }
                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: Theme.unit
                    anchors.rightMargin: Theme.unit
                    spacing: Theme.unit * 1.25
                    Icon {
                        name: row.icon
                        size: 18
                        color: row.ListView.isCurrentItem ? Theme.colors.accent : Theme.colors.muted
                    }
                    Label { text: row.title; Layout.maximumWidth: 330 }
                    Secondary { text: row.detail; Layout.fillWidth: true }
                    Badge {
                        visible: row.shortcut !== ""
                        text: row.shortcut
                        tone: Theme.colors.muted
                    }
                }
            }
        }
    }
}
