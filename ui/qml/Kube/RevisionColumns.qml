import QtQuick

// Where the columns of the revision list begin.
QtObject {
    required property real width
    readonly property real number: 10
    readonly property real time: 82
    readonly property real who: 188
    readonly property real verb: 308
    readonly property real key: 380
    readonly property real size: Math.max(key + 160, width * 0.66)
    readonly property real because: size + 74
}
