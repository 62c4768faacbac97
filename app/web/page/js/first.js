// The theme that was chosen here before, set while the page is still being read, so that nothing flashes. No module:
// modules wait for the whole page.
try {
  const theme = localStorage.getItem("polemos-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
