import QtQuick
import Orrery
import Orrery.Theme

// A pod's phase: by shape and colour.
PhaseGlyph {
    id: mark
    property real size: Theme.sizeSecondary
    implicitWidth: size
    implicitHeight: size
    width: size
    height: size
    color: Theme.phaseColors[shape]
}
