/** What this browser remembers: language, theme and the last opened panes. */

const PREFIX = "huying.sandbox.";
const THEMES = ["auto", "light", "dark"];
const darkness = window.matchMedia("(prefers-color-scheme: dark)");

/** Return what was remembered under *name*, or null; a browser that forbids storage remembers nothing. */
export function recall(name) {
  try {
    return window.localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Remember *value* under *name* where the browser allows it. */
export function remember(name, value) {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // A private window without storage: the choice then lasts as long as the page.
  }
}

let chosen = THEMES.includes(recall("theme")) ? recall("theme") : "auto";

/** Return the chosen theme: auto, light or dark. */
export function theme() {
  return chosen;
}

/** Paint the page in the chosen theme; auto follows the system. */
export function applyTheme() {
  const dark = chosen === "dark" || (chosen === "auto" && darkness.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Go to the next theme in the order auto, light, dark. */
export function nextTheme() {
  chosen = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length];
  remember("theme", chosen);
  applyTheme();
}

darkness.addEventListener("change", applyTheme);
