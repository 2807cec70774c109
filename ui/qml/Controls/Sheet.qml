import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// A panel over everything; Escape or a click beside it closes it.
T.Popup {
    id: sheet
    parent: T.Overlay.overlay
    x: Math.round((parent.width - width) / 2)
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    padding: 0
    background: Rectangle {
        color: Theme.colors.surface
        border.color: Theme.colors.line
        radius: Theme.radiusPlace
    }
    T.Overlay.modal: Rectangle { color: Theme.colors.scrim }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.stateMs
            easing.type: Easing.OutCubic
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            from: 1
            to: 0
            duration: Theme.stateMs
            easing.type: Easing.InCubic
        }
    }
}
