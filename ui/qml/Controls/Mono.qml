import QtQuick
import Orrery.Theme

// Names of commands, keys, revisions, times.
Label {
    font.family: Theme.mono
    font.pixelSize: Theme.sizeSecondary
}
