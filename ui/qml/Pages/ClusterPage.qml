import QtQuick
import Orrery
import Orrery.Theme
import Orrery.Controls
import Orrery.Kube

// The orrery.
Item {
    id: page
    required property Session session
    signal loopChosen(string name)
    readonly property string key: session.inspector.key
    readonly property string podPrefix: "/registry/pods/"
    readonly property string nodePrefix: "/registry/minions/"

    OrreryView {
        id: view
        anchors.fill: parent
        session: page.session
        grid: mode.current === 1
        selectedPod: page.key.startsWith(page.podPrefix) ? page.key.substring(page.podPrefix.length) : ""
        selectedNode: page.key.startsWith(page.nodePrefix) ? page.key.substring(page.nodePrefix.length) : ""
        onPodChosen: (key) => page.session.inspectPod(key)
        onNodeChosen: (name) => page.session.inspectNode(name)
        onLoopChosen: (name) => page.loopChosen(name)
    }
    Legend { x: Theme.unit * 3.25; y: 22 }
    Row {
        anchors.right: parent.right
        anchors.rightMargin: Theme.unit * 3.25
        y: 16
        spacing: Theme.unit * 2
        PushButton { visible: view.zoom > 1.01; text: "Fit"; onClicked: view.fit() }
        Segmented { id: mode; choices: ["Map", "Grid"] }
    }
    EmptyState {
        visible: page.session.nodes.count === 0 && page.session.phase === Session.Running
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.unit * 4
        title: "No node yet"
        explanation: "Pods need a node to run on. A simulated node runs the real kubelet code on a fake container runtime."
        action: "Add node"
        onActed: page.session.addNode()
    }
    Secondary {
        visible: page.session.nodes.count > 0 && page.session.pods.count === 0
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.unit
        text: "No pods yet. Drop a YAML file on the window, or use kubectl with the context " + page.session.context + "."
    }
}
