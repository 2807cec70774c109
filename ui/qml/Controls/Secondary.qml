import QtQuick
import Orrery.Theme

// Smaller, quieter text.
Label {
    color: Theme.colors.muted
    font.pixelSize: Theme.sizeSecondary
}
