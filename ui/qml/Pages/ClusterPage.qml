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

    // The rest of the selected key, when it begins with the prefix.
    function below(prefix: string): string {
        return key.startsWith(prefix) ? key.substring(prefix.length) : ""
    }

    OrreryView {
        id: view
        anchors.fill: parent
        session: page.session
        grid: mode.current === 1
        selectedPod: page.below("/registry/pods/")
        selectedNode: page.below("/registry/minions/")
        onPodChosen: (key) => page.session.inspectPod(key)
        onNodeChosen: (name) => page.session.inspectNode(name)
        onLoopChosen: (name) => page.loopChosen(name)
    }
    Legend { x: Theme.unit * 3.25; y: 22; compact: page.width < 740 }
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
        explanation: "Pods need a node to run on. A simulated node runs the real kubelet code on a "
                     + "fake container runtime."
        action: "Add node"
        onActed: page.session.addNode()
    }
    Secondary {
        visible: page.session.nodes.count > 0 && page.session.pods.count === 0
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.unit
        text: "No pods yet. Drop a YAML file on the window, or use kubectl with the context "
              + page.session.context + "."
    }
}
