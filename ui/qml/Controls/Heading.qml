import QtQuick
import Orrery.Theme

Label {
    font.pixelSize: Theme.sizeTitle
    font.weight: Font.DemiBold
}
