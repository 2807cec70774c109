import QtQuick
import QtQuick.Templates as T
import Orrery.Theme

// A choice between a few words, side by side.
Row {
    id: segmented
    required property list<string> choices
    property int current: 0
    spacing: 0
    Repeater {
        model: segmented.choices
        delegate: Row {
            id: choice
            required property int index
            required property string modelData
            Label {
                visible: choice.index > 0
                text: " · "
                color: Theme.colors.muted
                height: parent.height
            }
            T.AbstractButton {
                id: button
                implicitWidth: word.implicitWidth
                implicitHeight: Theme.controlHeight
                focusPolicy: Qt.TabFocus
                hoverEnabled: true
                Accessible.role: Accessible.RadioButton
                Accessible.name: choice.modelData
                onClicked: segmented.current = choice.index
                contentItem: Label {
                    id: word
                    text: choice.modelData
                    color: segmented.current === choice.index ? Theme.colors.text
                        : button.hovered ? Theme.colors.text
                        : Theme.colors.muted
                    font.weight: segmented.current === choice.index ? Font.Medium : Font.Normal
                }
                FocusRing { target: button; anchors.margins: -2 }
            }
        }
    }
}
