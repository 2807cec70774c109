import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery.Theme
import Orrery.Controls

// An object's versions, and the difference between any two: a click chooses the newer, Shift and a
// click the older.
Item {
    id: history
    // Newest first: {revision, number, who, verb, because, size, time}.
    required property var versions
    required property var diff
    required property real diffFrom
    required property real diffTo
    property bool withDiff: true
    signal compared(real from, real to)

    ListView {
        id: list
        width: parent.width
        height: history.withDiff ? Math.min(contentHeight, parent.height * 0.5) : parent.height
        model: history.versions
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ThinScrollBar {}
        delegate: Rectangle {
            id: row
            required property var modelData
            required property int index
            readonly property bool to: modelData.revision === history.diffTo
            readonly property bool from: modelData.revision === history.diffFrom
            width: ListView.view.width
            height: 44
            radius: Theme.radiusControl
            color: to || from ? Theme.colors.raised
                : over.hovered ? Theme.colors.hover
                : "transparent"
            HoverHandler { id: over }
            TapHandler {
                acceptedModifiers: Qt.NoModifier
                onTapped: history.compared(history.versions[row.index + 1]?.revision ?? 0,
                                           row.modelData.revision)
            }
            TapHandler {
                acceptedModifiers: Qt.ShiftModifier
                onTapped: history.compared(row.modelData.revision, history.diffTo)
            }
            Rectangle {
                width: 2
                height: parent.height
                color: row.to ? Theme.colors.running : Theme.colors.failed
                visible: row.to || row.from
            }
            RowLayout {
                x: Theme.unit
                y: 5
                width: parent.width - Theme.unit * 2
                Mono {
                    text: row.modelData.number
                    color: Theme.colors.accent
                    Layout.preferredWidth: 58
                }
                Label {
                    text: row.modelData.who
                    font.pixelSize: Theme.sizeSecondary
                    Layout.fillWidth: true
                }
                Mono {
                    text: row.modelData.time
                    color: Theme.colors.faint
                    font.pixelSize: Theme.sizeCaption
                }
            }
            Secondary {
                x: Theme.unit + 63
                y: 24
                width: parent.width - x - Theme.unit
                text: row.modelData.because === "" ? row.modelData.verb : row.modelData.because
                font.pixelSize: Theme.sizeCaption
            }
        }
    }
    Column {
        visible: history.withDiff
        y: list.height + Theme.unit * 2
        width: parent.width
        spacing: Theme.unit
        Caption {
            text: history.diffFrom > 0 ? "Rev " + history.diffFrom + " to " + history.diffTo
                : "Rev " + history.diffTo
        }
        DiffView {
            width: parent.width
            height: history.height - list.height - Theme.unit * 6
            rows: history.diff
        }
    }
    Secondary { visible: list.count === 0; text: "No version of this object is kept." }
}
