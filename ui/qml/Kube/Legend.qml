import QtQuick
import Orrery.Theme
import Orrery.Controls

// What the shapes mean.
Row {
    id: legend
    // Without words: they come with the pointer.
    property bool compact: false
    spacing: compact ? Theme.unit * 1.5 : Theme.unit * 3
    Repeater {
        model: ["Pending", "Starting", "Running", "Succeeded", "Failed", "Terminating"]
        delegate: Row {
            id: entry
            required property int index
            required property string modelData
            spacing: Theme.unit * 0.75
            PhaseMark { shape: entry.index + 1; anchors.verticalCenter: parent.verticalCenter }
            Secondary {
                visible: !legend.compact
                text: entry.modelData
                anchors.verticalCenter: parent.verticalCenter
            }
            HoverHandler { id: over }
            Tip {
                shown: legend.compact && over.hovered
                text: entry.modelData
                y: parent.height + Theme.unit / 2
            }
        }
    }
}
