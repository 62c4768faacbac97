// The button of the theme in, light or dark out: as the system has it, or as the reader chose for this browser.

/** @type {["system", "light", "dark"]} */
const THEMES = ["system", "light", "dark"];
const KEPT = "polemos-theme";
const MARKS = { system: "◐", light: "☀", dark: "☾" };

/**
 * @param {HTMLButtonElement} button
 * @param {() => void} onChange called after the colours changed
 */
export function bindTheme(button, onChange) {
  const root = document.documentElement;
  const now = () => THEMES.find((one) => one === root.dataset.theme) ?? "system";
  const tell = () => {
    button.textContent = `${MARKS[now()]} ${now()[0].toUpperCase()}${now().slice(1)}`;
    button.title = "Theme: as the system has it, light, or dark (t)";
    button.setAttribute("aria-label", `Theme: ${now()}. Change it`);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(now()) + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, next);
    } catch {
      // A browser that keeps nothing still changes it for now.
    }
    tell();
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  tell();
}
