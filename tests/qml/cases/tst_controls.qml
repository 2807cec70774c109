import QtQuick
import QtTest
import Orrery.Theme
import Orrery.Controls

// Controls know nothing of Kubernetes: what they do with pointer and keys.
Item {
    id: root
    width: 400
    height: 300
    property int clicks: 0

    PushButton { id: button; text: "Pause"; onClicked: root.clicks++ }
    PushButton { id: off; y: 40; text: "Step"; enabled: false; onClicked: root.clicks++ }
    TabStrip { id: tabs; y: 80; width: 300; tabs: ["Journey", "YAML", "Events"] }
    Segmented { id: mode; y: 120; choices: ["Map", "Grid"] }
    Chip { id: chip; y: 160; label: "3 nodes" }
    EmptyState { id: empty; y: 200; title: "No node yet"; action: "Add node"; onActed: root.clicks++ }

    TestCase {
        name: "Controls"
        when: windowShown
        function init() { root.clicks = 0 }
        function test_button() {
            mouseClick(button)
            compare(root.clicks, 1)
            button.forceActiveFocus()
            keyClick(Qt.Key_Space)
            compare(root.clicks, 2)
            mouseClick(off)
            compare(root.clicks, 2)
            verify(button.width > button.implicitContentWidth)
        }
        function test_tabs() {
            compare(tabs.current, 0)
            mouseClick(tabs, tabs.width * 0.32, tabs.height / 2)
            compare(tabs.current, 1)
        }
        function test_segmented() {
            mouseClick(mode, mode.width - 4, mode.height / 2)
            compare(mode.current, 1)
            mouseClick(mode, 4, mode.height / 2)
            compare(mode.current, 0)
        }
        function test_chip() { verify(chip.implicitWidth > 40) }
        function test_empty() {
            const act = findButton(empty)
            verify(act)
            mouseClick(act)
            compare(root.clicks, 1)
        }
        function findButton(item) {
            for (let i = 0; i < item.children.length; ++i)
                if (item.children[i].text === "Add node" && item.children[i].clicked)
                    return item.children[i]
            return null
        }
    }
}
