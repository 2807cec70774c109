import QtQuick
import Orrery.Theme

// The line between two panels.
Rectangle {
    property bool upright: false
    implicitWidth: Theme.hairline
    implicitHeight: Theme.hairline
    color: Theme.colors.line
}
