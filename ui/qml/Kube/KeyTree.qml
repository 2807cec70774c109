import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// The store's keys.
ListView {
    id: tree
    required property KeysModel keys
    property string selected: ""
    signal toggled(string prefix)
    signal chosen(string key)
    model: keys
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ThinScrollBar {}
    delegate: Rectangle {
        id: row
        required property string key
        required property string label
        required property int depth
        required property bool open
        required property bool leaf
        required property string detail
        width: ListView.view.width
        height: 21
        color: over.hovered && row.key !== "" ? Theme.colors.hover : "transparent"
        activeFocusOnTab: true
        Accessible.role: Accessible.TreeItem
        Accessible.name: label + " " + detail
        function act() {
            if (row.leaf && row.key !== "")
                tree.chosen(row.key)
            else if (row.depth === 1)
                tree.toggled(row.key)
        }
        Keys.onReturnPressed: act()
        HoverHandler { id: over }
        TapHandler { onTapped: row.act() }
        FocusRing { target: row; anchors.margins: 0 }
        Secondary {
            x: row.depth * Theme.unit * 1.75
            width: parent.width - x - count.width - Theme.unit * 2
            height: parent.height
            text: (row.leaf ? "   " : row.open ? "▾ " : "▸ ") + row.label
            color: row.key !== "" && row.key === tree.selected ? Theme.colors.accent
                : row.leaf ? Theme.colors.muted
                : row.open ? Theme.colors.text
                : Theme.colors.muted
        }
        Secondary {
            id: count
            anchors.right: parent.right
            anchors.rightMargin: Theme.unit * 1.25
            height: parent.height
            text: row.detail
        }
    }
}
