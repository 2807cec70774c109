import QtQuick
import QtQuick.Dialogs

// The file dialog, made when it is first wanted (it is slow to load).
Loader {
    id: loader
    signal chosen(var urls)
    active: false
    function choose() {
        active = true
        item.open()
    }
    sourceComponent: FileDialog {
        title: "Apply manifests"
        fileMode: FileDialog.OpenFiles
        nameFilters: ["Manifests (*.yaml *.yml *.json)", "All files (*)"]
        onAccepted: loader.chosen(selectedFiles)
    }
}
