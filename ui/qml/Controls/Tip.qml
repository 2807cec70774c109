import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// A short explanation beside what the pointer is on.
T.ToolTip {
    id: tip
    property bool shown: false
    visible: shown
    delay: 500
    x: parent ? (parent.width - implicitWidth) / 2 : 0
    y: -implicitHeight - Theme.unit / 2
    margins: Theme.unit
    padding: Theme.unit
    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    contentItem: Secondary { text: tip.text; color: Theme.colors.text }
    background: Rectangle {
        color: Theme.colors.raised
        border.color: Theme.colors.line
        radius: Theme.radiusControl
    }
}
