import QtQuick
import Orrery.Theme

// The label above a section or a column.
Label {
    color: Theme.colors.muted
    font.pixelSize: Theme.sizeCaption
    font.weight: Font.DemiBold
    font.capitalization: Font.AllUppercase
    font.letterSpacing: 0.7
}
