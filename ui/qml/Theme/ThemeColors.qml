import QtQuick

// One set of colours.
QtObject {
    required property color background
    required property color surface
    required property color raised
    required property color line
    required property color text
    required property color muted
    required property color faint
    required property color running
    required property color pending
    required property color starting
    required property color failed
    required property color terminating
    required property color succeeded
    required property color accent
    required property color accentText
    // Where the pointer is, and what is selected.
    readonly property color hover: Qt.tint(surface, Qt.rgba(text.r, text.g, text.b, 0.05))
    readonly property color selected: raised
    readonly property color scrim: Qt.rgba(background.r * 0.4, background.g * 0.4,
                                           background.b * 0.4, 0.6)
    function wash(base: color, strength: real): color {
        return Qt.rgba(base.r, base.g, base.b, strength)
    }
}
