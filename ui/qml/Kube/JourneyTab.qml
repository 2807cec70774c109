import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// First what a person asks: why is it here? Then the stations, the scheduler's verdict, the facts.
Flickable {
    id: journey
    required property Inspector inspector
    signal revisionChosen(real revision)
    contentHeight: column.implicitHeight + Theme.unit * 2
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ThinScrollBar {}
    Column {
        id: column
        width: parent.width - Theme.unit * 1.5
        spacing: Theme.unit * 1.5
        Caption { text: "Why is it here?"; visible: journey.inspector.why.length > 0 }
        BecauseChain {
            width: parent.width
            rows: journey.inspector.why
            onChosen: (row) => journey.revisionChosen(row.revision)
        }
        Caption { text: "Stations"; visible: journey.inspector.stations.length > 0 }
        StationTrack {
            visible: journey.inspector.stations.length > 0
            width: parent.width
            stations: journey.inspector.stations
            reached: journey.inspector.reached
        }
        Caption {
            text: "Scheduling, attempt " + journey.inspector.attempt
            visible: journey.inspector.attempt > 0
        }
        Secondary {
            visible: text !== "" && journey.inspector.attempt > 0
            width: parent.width
            text: journey.inspector.verdict
            color: Theme.colors.pending
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        PlacementGrid {
            visible: journey.inspector.attempt > 0
            width: parent.width
            plugins: journey.inspector.plugins
            rows: journey.inspector.grid
        }
        Caption { text: "Facts"; visible: journey.inspector.facts.length > 0 }
        Repeater {
            model: journey.inspector.facts
            delegate: Item {
                id: fact
                required property var modelData
                width: column.width
                height: Math.max(18, value.contentHeight)
                Secondary { text: fact.modelData.label; width: 116 }
                Mono {
                    id: value
                    x: 120
                    width: parent.width - 120
                    text: fact.modelData.value
                    wrapMode: Text.WrapAnywhere
                    maximumLineCount: 4
                }
            }
        }
    }
}
