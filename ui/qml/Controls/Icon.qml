import QtQuick
import Orrery.Theme

// A line icon of resources/icons, in any colour.
Image {
    id: icon
    required property string name
    property color color: Theme.colors.muted
    property int size: Theme.iconSize
    width: size
    height: size
    sourceSize: Qt.size(size * Screen.devicePixelRatio, size * Screen.devicePixelRatio)
    source: "image://icon/" + name + "/" + icon.color.toString().slice(-6)
    Accessible.ignored: true
}
