import QtQuick
import Orrery.Theme

// Body text.
Text {
    color: Theme.colors.text
    font.family: Theme.sans
    font.pixelSize: Theme.sizeBody
    elide: Text.ElideRight
    verticalAlignment: Text.AlignVCenter
    textFormat: Text.PlainText
}
