import QtQuick
import QtTest
import Orrery.Theme

// Text can be read in every theme, and motion can be turned off.
TestCase {
    name: "Theme"
    function channel(value) { return value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4) }
    function luminance(c) { return 0.2126 * channel(c.r) + 0.7152 * channel(c.g) + 0.0722 * channel(c.b) }
    function contrast(a, b) {
        const la = luminance(a), lb = luminance(b)
        return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05)
    }
    function cleanup() { Theme.wanted = "dark"; Theme.reducedMotion = false }
    function test_contrast_data() { return [{ tag: "dark" }, { tag: "light" }, { tag: "contrast" }] }
    function test_contrast(data) {
        Theme.wanted = data.tag
        compare(Theme.mode, data.tag)
        const c = Theme.colors
        for (const surface of [c.surface, c.background, c.raised]) {
            verify(contrast(c.text, surface) >= 7, "text " + contrast(c.text, surface))
            verify(contrast(c.muted, surface) >= 4.5, "muted " + contrast(c.muted, surface))
        }
        verify(contrast(c.accentText, c.accent) >= 4.5, "on accent")
        for (const phase of ["running", "pending", "starting", "failed", "terminating", "succeeded", "accent"])
            verify(contrast(c[phase], c.surface) >= 3, phase + " " + contrast(c[phase], c.surface))
    }
    function test_motion() {
        verify(Theme.stateMs > 0)
        Theme.reducedMotion = true
        compare(Theme.stateMs, 0)
        compare(Theme.panelMs, 0)
    }
    function test_system() {
        Theme.wanted = "system"
        verify(Theme.mode === "dark" || Theme.mode === "light")
    }
    function test_fonts() {
        verify(Qt.fontFamilies().indexOf(Theme.sans) >= 0)
        verify(Qt.fontFamilies().indexOf(Theme.mono) >= 0)
    }
}
