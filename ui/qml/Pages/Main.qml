import QtQuick
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls
import Orrery.Kube

// The window: frame, pages, keys.
Window {
    id: window
    required property Session session
    property string themeWanted: "system"
    property bool motionReduced: false
    property string page: "cluster"
    readonly property bool running: session.phase === Session.Running
    // A key without Ctrl belongs to whoever has the focus and uses keys.
    readonly property bool plainKeys: running && !palette.opened && !result.opened
                                      && !(activeFocusItem instanceof TextInput)
                                      && !(activeFocusItem instanceof T.AbstractButton)
    signal themeChosen(string mode)
    signal motionChosen(bool reduced)
    width: 1440
    height: 900
    minimumWidth: 960
    minimumHeight: 600
    visible: true
    title: session.clusterName === "" ? "Orrery" : session.clusterName + " – Orrery"
    color: Theme.colors.background

    Binding { target: Theme; property: "wanted"; value: window.themeWanted }
    Binding { target: Theme; property: "reducedMotion"; value: window.motionReduced }
    Binding {
        target: window.session
        property: "tickSeconds"
        value: window.visibility === Window.Minimized || window.visibility === Window.Hidden ? 0
            : window.active ? 1
            : 5
    }

    function act(target: string) {
        const colon = target.indexOf(":"), rest = target.substring(colon + 1)
        if (target.startsWith("/registry/")) {
            session.inspect(target)
            if (page === "loops" || page === "store")
                page = "objects"
        } else if (target.startsWith("page:")) page = rest
        else if (target.startsWith("loop:")) { session.selectLoop(rest); page = "loops" }
        else if (target.startsWith("kind:")) { session.openKind(rest); page = "objects" }
        else if (rest === "pause-all") session.pauseLoop("")
        else if (rest === "resume-all") session.resumeLoop("")
        else if (rest === "step-all") session.stepLoop("")
        else if (rest === "apply") files.choose()
        else if (rest === "add-node") session.addNode()
        else if (rest === "motion") { motionReduced = !motionReduced; motionChosen(motionReduced) }
        else if (rest.startsWith("theme-")) {
            themeWanted = rest.substring(6)
            themeChosen(themeWanted)
        }
    }

    TopBar {
        id: top
        width: parent.width
        session: window.session
        onPaletteWanted: palette.open()
        onFilesWanted: files.choose()
    }
    Rail {
        id: rail
        anchors.top: top.bottom
        anchors.bottom: time.top
        page: window.page
        onChosen: (page) => window.page = page
    }
    Item {
        id: middle
        anchors.top: top.bottom
        anchors.bottom: time.top
        anchors.left: rail.right
        anchors.right: side.left
        ClusterPage {
            anchors.fill: parent
            visible: window.page === "cluster"
            session: window.session
            onLoopChosen: (name) => { window.session.selectLoop(name); window.page = "loops" }
        }
        LoopsPage {
            anchors.fill: parent
            visible: window.page === "loops"
            session: window.session
        }
        StorePage {
            id: store
            anchors.fill: parent
            visible: window.page === "store"
            session: window.session
            onKeyChosen: (key) => {
                store.revision = 0
                inspector.showTab("History")
                window.session.inspect(key)
            }
        }
        Loader {
            anchors.fill: parent
            active: window.page === "objects" || item !== null
            visible: window.page === "objects"
            sourceComponent: ObjectsPage { session: window.session }
        }
    }
    Item {
        id: side
        anchors.top: top.bottom
        anchors.bottom: time.top
        anchors.right: parent.right
        width: window.width < 1180 ? Theme.inspectorWidth * 0.82 : Theme.inspectorWidth
        readonly property bool showsRevision: window.page === "store"
            && (store.revision > 0 || window.session.inspector.key === "")
        LoopPanel {
            anchors.fill: parent
            visible: window.page === "loops"
            session: window.session
        }
        RevisionPanel {
            anchors.fill: parent
            visible: side.showsRevision
            session: window.session
            revision: store.revision
            onRevisionChosen: (revision) => store.revision = revision
            onKeyChosen: (key) => {
                store.revision = 0
                inspector.showTab("History")
                window.session.inspect(key)
            }
        }
        Inspector {
            id: inspector
            anchors.fill: parent
            visible: window.page !== "loops" && !side.showsRevision
            session: window.session
            onRevisionChosen: (revision) => { store.revision = revision; window.page = "store" }
        }
    }
    TimeBar {
        id: time
        anchors.bottom: parent.bottom
        width: parent.width
        session: window.session
    }
    StatePage {
        anchors.fill: parent
        visible: !window.running
        session: window.session
        onQuitWanted: window.close()
    }
    DropHint {
        anchors.fill: parent
        enabled: window.running
        onFilesDropped: (urls) => window.session.applyFiles(urls)
    }

    CommandPalette {
        id: palette
        session: window.session
        onPicked: (target) => window.act(target)
    }
    ApplySheet { id: result; session: window.session; visible: false }
    Connections {
        target: window.session
        function onAppliedChanged() {
            if (window.session.applying || window.session.applied.length > 0)
                result.open()
        }
    }
    FileChooser { id: files; onChosen: (urls) => window.session.applyFiles(urls) }

    Shortcut { sequence: "Ctrl+1"; onActivated: window.page = "cluster" }
    Shortcut { sequence: "Ctrl+2"; onActivated: window.page = "loops" }
    Shortcut { sequence: "Ctrl+3"; onActivated: window.page = "store" }
    Shortcut { sequence: "Ctrl+4"; onActivated: window.page = "objects" }
    Shortcut {
        sequence: "Ctrl+K"
        enabled: window.running
        onActivated: palette.opened ? palette.close() : palette.open()
    }
    Shortcut { sequence: "Ctrl+O"; enabled: window.running; onActivated: files.choose() }
    Shortcut {
        sequence: "Space"
        enabled: window.plainKeys
        onActivated: window.session.togglePause()
    }
    Shortcut { sequence: "."; enabled: window.plainKeys; onActivated: window.session.stepLoop("") }
    Shortcut {
        sequence: "Esc"
        enabled: !palette.opened && !result.opened
        onActivated: window.session.inspect("")
    }
}
