import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Orrery
import Orrery.Theme
import Orrery.Controls

// What became of the files: one row a document, errors with file and line. When all went well it
// stands aside, so that the pods can be seen coming to life, and goes by itself.
Sheet {
    id: sheet
    required property Session session
    readonly property var rows: session.applied
    readonly property int failed: rows.filter((row) => row.what === "failed").length
    readonly property bool quiet: failed === 0
    modal: !quiet
    dim: !quiet
    width: quiet ? 420 : 640
    x: quiet ? Theme.railWidth + Theme.unit * 3 : Math.round((parent.width - width) / 2)
    y: quiet ? Theme.topHeight + Theme.unit * 6 : 96
    Timer {
        running: sheet.opened && sheet.quiet && !sheet.session.applying && !over.hovered
        interval: Theme.readMs
        onTriggered: sheet.close()
    }
    height: Math.min(560, 118 + (session.applying ? 60 : list.contentHeight))
    onClosed: session.clearApplied()
    contentItem: Item {
        HoverHandler { id: over }
        Heading {
            x: Theme.unit * 2.5
            y: Theme.unit * 2
            text: sheet.session.applying ? "Applying…"
                : sheet.failed > 0 ? sheet.failed + " of " + sheet.rows.length + " failed"
                : sheet.rows.length === 1 ? "1 object applied"
                : sheet.rows.length + " objects applied"
        }
        ListView {
            id: list
            x: Theme.unit * 2.5
            y: 52
            width: parent.width - Theme.unit * 5
            height: parent.height - 112
            model: sheet.rows
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ThinScrollBar {}
            delegate: Item {
                id: row
                required property var modelData
                readonly property bool bad: modelData.what === "failed"
                width: ListView.view.width
                height: words.implicitHeight + Theme.unit * 1.5
                Icon {
                    y: 2
                    name: row.bad ? "alert" : "check"
                    size: 18
                    color: row.bad ? Theme.colors.failed
                        : row.modelData.what === "unchanged" ? Theme.colors.muted
                        : Theme.colors.running
                }
                Column {
                    id: words
                    x: 30
                    width: parent.width - 30
                    spacing: 2
                    RowLayout {
                        width: parent.width
                        Label {
                            text: row.modelData.kind === "" ? row.modelData.file
                                : row.modelData.kind + " " + row.modelData.name
                            font.weight: Font.Medium
                            Layout.fillWidth: true
                        }
                        Secondary {
                            text: row.modelData.what
                            color: row.bad ? Theme.colors.failed : Theme.colors.muted
                        }
                    }
                    Mono {
                        visible: row.modelData.kind !== ""
                        width: parent.width
                        text: row.modelData.file
                              + (row.modelData.line > 0 ? ":" + row.modelData.line : "")
                        color: Theme.colors.faint
                        font.pixelSize: Theme.sizeCaption
                    }
                    Secondary {
                        visible: row.bad
                        width: parent.width
                        text: row.modelData.message
                        color: Theme.colors.text
                        wrapMode: Text.Wrap
                        lineHeight: 1.2
                    }
                }
            }
        }
        PushButton {
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.margins: Theme.unit * 2
            text: "Done"
            primary: true
            focus: true
            onClicked: sheet.close()
            Keys.onReturnPressed: sheet.close()
        }
    }
}
