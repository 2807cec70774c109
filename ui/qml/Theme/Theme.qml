pragma Singleton
import QtQuick

// Every colour, size and duration of the window. Nothing else in the QML names one.
QtObject {
    id: theme

    // "system", "dark", "light" or "contrast"
    property string wanted: "system"
    property bool reducedMotion: false

    readonly property SystemPalette system: SystemPalette {}
    readonly property string mode: wanted !== "system" ? wanted
        : system.window.hslLightness > 0.5 ? "light"
        : "dark"
    readonly property ThemeColors colors: mode === "light" ? light
        : mode === "contrast" ? contrast
        : dark

    readonly property ThemeColors dark: ThemeColors {
        background: "#0D131F"; surface: "#141C2B"; raised: "#1B2537"; line: "#26334B"
        text: "#E7ECF5"; muted: "#8C9AB3"; faint: "#55637D"
        running: "#37C3A6"; pending: "#8FA3FF"; starting: "#58B5F6"; failed: "#F1736D"
        terminating: "#B88CE3"; succeeded: "#7E9C8C"; accent: "#E3B76A"; accentText: "#141005"
    }
    readonly property ThemeColors light: ThemeColors {
        background: "#F5F3EE"; surface: "#FFFFFF"; raised: "#FBFAF7"; line: "#DED8CB"
        text: "#1D2431"; muted: "#656F86"; faint: "#A5A08F"
        running: "#12876F"; pending: "#5468D4"; starting: "#1D7FC4"; failed: "#C8403A"
        terminating: "#8656BE"; succeeded: "#5D7B6B"; accent: "#9A6A14"; accentText: "#FFFFFF"
    }
    readonly property ThemeColors contrast: ThemeColors {
        background: "#000000"; surface: "#000000"; raised: "#101010"; line: "#9AA7BD"
        text: "#FFFFFF"; muted: "#DCE3EE"; faint: "#B4BFD0"
        running: "#4DFFD6"; pending: "#B9C6FF"; starting: "#7CCBFF"; failed: "#FF8A84"
        terminating: "#DDB6FF"; succeeded: "#C2E8D3"; accent: "#FFD27A"; accentText: "#000000"
    }

    // What the pictures need (Orrery's scene items take one map of colours).
    readonly property var mapColors: ({
        surface: colors.surface, raised: colors.raised, line: colors.line, text: colors.text,
        muted: colors.muted, faint: colors.faint, accent: colors.accent, pending: colors.pending,
        starting: colors.starting, running: colors.running, succeeded: colors.succeeded,
        failed: colors.failed, terminating: colors.terminating, unknown: colors.muted
    })
    // By the numbers of the phases: 1 Pending ... 7 Unknown.
    readonly property var phaseColors: [
        colors.faint, colors.pending, colors.starting, colors.running,
        colors.succeeded, colors.failed, colors.terminating, colors.muted
    ]

    readonly property string sans: "Inter"
    readonly property string mono: "JetBrains Mono"
    readonly property int sizeCaption: 11
    readonly property font captionFont: Qt.font({ family: sans, pixelSize: sizeCaption })
    readonly property int sizeSecondary: 12
    readonly property int sizeBody: 13
    readonly property int sizeTitle: 15
    readonly property int sizePage: 20

    readonly property int unit: 8
    readonly property int hairline: 1
    readonly property int focusLine: 2
    readonly property int radiusControl: 6
    readonly property int radiusRail: 8
    readonly property int radiusPlace: 12
    readonly property int controlHeight: 28
    readonly property int rowHeight: 32
    readonly property int tallRowHeight: 52
    readonly property int railWidth: 76
    readonly property int topHeight: 52
    readonly property int timeHeight: 84
    readonly property int inspectorWidth: 372
    readonly property int iconSize: 20

    readonly property int stateMs: reducedMotion ? 0 : 120
    readonly property int panelMs: reducedMotion ? 0 : 240
    readonly property int readMs: 6000 // to read a few lines
    readonly property int lapMs: reducedMotion ? 0 : 560
}
