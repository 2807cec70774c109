import QtQuick
import Orrery.Theme
import Orrery.Controls

// The twelve stations of a pod's journey and how far it has come.
// Rows: {name, reached, offset, time, note}.
Item {
    id: track
    required property var stations
    required property int reached
    readonly property real pitch: stations.length > 1 ? (width - 16) / (stations.length - 1) : 0
    implicitHeight: 62

    Repeater {
        model: track.stations
        delegate: Item {
            id: station
            required property int index
            required property var modelData
            readonly property bool done: index <= track.reached
            readonly property bool newest: index === track.reached
            x: 8 + index * track.pitch
            y: 14
            Rectangle {
                visible: station.index < track.stations.length - 1
                width: track.pitch
                height: 2
                y: -1
                color: station.index < track.reached ? Theme.colors.accent : Theme.colors.line
            }
            Rectangle {
                anchors.centerIn: parent
                width: station.newest ? 14 : 10
                height: width
                radius: width / 2
                color: station.done && station.modelData.reached ? Theme.colors.accent
                                                                 : Theme.colors.surface
                border.color: station.done ? Theme.colors.accent : Theme.colors.faint
                border.width: 1.5
                HoverHandler { id: over; margin: 4 }
                Tip {
                    shown: over.hovered
                    text: station.modelData.name
                      + (station.modelData.reached ? "  " + station.modelData.offset : "")
                          + (station.modelData.note ? "\n" + station.modelData.note : "")
                }
            }
        }
    }
    Secondary {
        y: 32
        text: "Received"
        font.pixelSize: Theme.sizeCaption
        visible: track.reached > 1
    }
    Column {
        visible: track.reached >= 0
        readonly property real middle: 8 + Math.max(0, track.reached) * track.pitch
        x: Math.max(0, Math.min(track.width - width, middle - width / 2))
        y: 31
        spacing: 2
        Heading {
            anchors.horizontalCenter: parent.horizontalCenter
            text: track.stations[track.reached]?.name ?? ""
            font.pixelSize: Theme.sizeCaption
        }
        Secondary {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: track.reached >= 0 && track.reached < track.stations.length - 1
            text: visible ? "next: " + track.stations[track.reached + 1].name : ""
            font.pixelSize: Theme.sizeCaption
        }
    }
}
