import QtQuick
import Orrery.Theme
import Orrery.Controls

// What the shapes mean.
Row {
    id: legend
    spacing: Theme.unit * 3
    Repeater {
        model: ["Pending", "Starting", "Running", "Succeeded", "Failed", "Terminating"]
        delegate: Row {
            id: entry
            required property int index
            required property string modelData
            spacing: Theme.unit * 0.75
            PhaseMark { shape: entry.index + 1; anchors.verticalCenter: parent.verticalCenter }
            Secondary { text: entry.modelData; anchors.verticalCenter: parent.verticalCenter }
        }
    }
}
