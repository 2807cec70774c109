import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// Words to choose a view by; the chosen one is underlined.
FocusScope {
    id: strip
    required property list<string> tabs
    property int current: 0
    implicitHeight: Theme.rowHeight + 2

    Rule { anchors.bottom: parent.bottom; width: parent.width }
    Row {
        height: parent.height
        spacing: strip.width < 320 ? Theme.unit * 1.75 : Theme.unit * 3
        Repeater {
            model: strip.tabs
            delegate: T.AbstractButton {
                id: tab
                required property int index
                required property string modelData
                height: strip.height
                implicitWidth: word.implicitWidth
                focusPolicy: Qt.TabFocus
                hoverEnabled: true
                Accessible.role: Accessible.PageTab
                Accessible.name: modelData
                onClicked: strip.current = index
                contentItem: Label {
                    id: word
                    text: tab.modelData
                    color: strip.current === tab.index || tab.hovered ? Theme.colors.text
                        : Theme.colors.muted
                    font.weight: strip.current === tab.index ? Font.Medium : Font.Normal
                }
                Rectangle {
                    anchors.bottom: parent.bottom
                    width: parent.width
                    height: Theme.focusLine
                    color: Theme.colors.accent
                    visible: strip.current === tab.index
                }
                FocusRing { target: tab; anchors.margins: 0 }
            }
        }
    }
}
