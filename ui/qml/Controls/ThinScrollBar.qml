import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

T.ScrollBar {
    id: bar
    implicitWidth: Theme.unit
    implicitHeight: Theme.unit
    padding: 1
    minimumSize: 0.06
    visible: size < 1
    contentItem: Rectangle {
        implicitWidth: 5
        implicitHeight: 5
        radius: 3
        color: Theme.colors.faint
        opacity: bar.pressed ? 0.9 : bar.hovered ? 0.7 : 0.4
    }
}
