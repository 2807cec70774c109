import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery.Theme
import Orrery.Controls

// The events of an object, newest first. Rows: {type, reason, message, from, count, time}.
ListView {
    id: list
    required property var events
    model: events
    clip: true
    spacing: Theme.unit * 1.5
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ThinScrollBar {}
    delegate: Column {
        id: row
        required property var modelData
        width: ListView.view.width - Theme.unit * 1.5
        spacing: 3
        RowLayout {
            width: parent.width
            spacing: Theme.unit
            Rectangle {
                Layout.preferredWidth: 7
                Layout.preferredHeight: 7
                radius: 4
                color: row.modelData.type === "Warning" ? Theme.colors.failed : Theme.colors.running
            }
            Heading { text: row.modelData.reason; font.pixelSize: Theme.sizeBody }
            Secondary {
                text: row.modelData.count > 1 ? "× " + row.modelData.count : ""
                Layout.fillWidth: true
            }
            Mono {
                text: row.modelData.time
                color: Theme.colors.faint
                font.pixelSize: Theme.sizeCaption
            }
        }
        Secondary {
            width: parent.width
            text: row.modelData.message
            wrapMode: Text.Wrap
            lineHeight: 1.15
            maximumLineCount: 8
        }
        Secondary {
            text: "from " + row.modelData.from
            color: Theme.colors.faint
            font.pixelSize: Theme.sizeCaption
            visible: row.modelData.from !== ""
        }
    }
    Secondary {
        visible: list.count === 0
        width: parent.width
        text: "No events. Kubernetes forgets an event after an hour."
        wrapMode: Text.Wrap
    }
}
