//! The events that browsers send by themselves, by name: an island that one of them refreshed could be asked for without
//! end.

/// Whether browsers send events of this name. Names are case-sensitive.
pub(crate) fn is_native(name: &str) -> bool {
    EVENTS.binary_search(&name).is_ok()
}

/// Sorted. From the specifications of HTML, DOM, UI Events, Pointer Events, Touch Events, CSS Transitions and Animations,
/// CSSOM View, Fullscreen and Page Visibility, with what browsers have beside them.
#[rustfmt::skip]
const EVENTS: &[&str] = &[
    "DOMActivate", "DOMAttrModified", "DOMCharacterDataModified", "DOMContentLoaded", "DOMFocusIn", "DOMFocusOut",
    "DOMNodeInserted", "DOMNodeRemoved", "DOMSubtreeModified", "MSGestureChange", "abort", "activate", "afterprint",
    "afterscriptexecute", "animationcancel", "animationend", "animationiteration", "animationstart", "appinstalled",
    "auxclick", "beforecopy", "beforecut", "beforeinput", "beforeinstallprompt", "beforematch", "beforepaste",
    "beforeprint", "beforescriptexecute", "beforetoggle", "beforeunload", "beforexrselect", "blur", "cancel",
    "canplay", "canplaythrough", "change", "click", "close", "command", "compositionend", "compositionstart",
    "compositionupdate", "contentvisibilityautostatechange", "contextlost", "contextmenu", "contextrestored",
    "copy", "cuechange", "cut", "dblclick", "devicemotion", "deviceorientation", "deviceorientationabsolute",
    "drag", "dragend", "dragenter", "dragexit", "dragleave", "dragover", "dragstart", "drop", "durationchange",
    "emptied", "ended", "error", "focus", "focusin", "focusout", "formdata", "freeze", "fullscreenchange",
    "fullscreenerror", "gamepadconnected", "gamepaddisconnected", "gesturechange", "gestureend", "gesturestart",
    "gotpointercapture", "hashchange", "input", "invalid", "keydown", "keypress", "keyup", "languagechange", "load",
    "loadeddata", "loadedmetadata", "loadend", "loadstart", "lostpointercapture", "message", "messageerror",
    "mousedown", "mouseenter", "mouseleave", "mousemove", "mouseout", "mouseover", "mouseup", "mousewheel",
    "offline", "online", "orientationchange", "pagehide", "pagereveal", "pageshow", "pageswap", "paste", "pause",
    "play", "playing", "pointercancel", "pointerdown", "pointerenter", "pointerleave", "pointerlockchange",
    "pointerlockerror", "pointermove", "pointerout", "pointerover", "pointerrawupdate", "pointerup", "popstate",
    "prerenderingchange", "progress", "promptaction", "ratechange", "readystatechange", "rejectionhandled", "reset",
    "resize", "resume", "scroll", "scrollend", "scrollsnapchange", "scrollsnapchanging", "search",
    "securitypolicyviolation", "seeked", "seeking", "select", "selectionchange", "selectstart", "show",
    "slotchange", "stalled", "storage", "submit", "suspend", "timeupdate", "toggle", "touchcancel", "touchend",
    "touchforcechange", "touchmove", "touchstart", "transitioncancel", "transitionend", "transitionrun",
    "transitionstart", "unhandledrejection", "unload", "visibilitychange", "volumechange", "waiting",
    "webkitAnimationEnd", "webkitAnimationIteration", "webkitAnimationStart", "webkitTransitionEnd",
    "webkitanimationend", "webkitanimationiteration", "webkitanimationstart", "webkitfullscreenchange",
    "webkitfullscreenerror", "webkitmouseforcechanged", "webkitmouseforcedown", "webkitmouseforceup",
    "webkitmouseforcewillbegin", "webkittransitionend", "wheel",
];

#[cfg(test)]
mod tests {
    use super::EVENTS;

    #[test]
    fn the_events_are_sorted_so_that_each_is_found() {
        assert!(EVENTS.is_sorted());
        for event in EVENTS {
            assert!(super::is_native(event), "{event}");
        }
        assert!(!super::is_native("cart-changed"));
    }
}
