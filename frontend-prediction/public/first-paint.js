// Runs before the first paint, so that neither theme nor language flashes; the CSP forbids to have it inline.
(() => {
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage is switched off: the defaults hold
    }
  };
  const theme = stored("routing-ml-theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  document.documentElement.lang = stored("routing-ml-language") === "en" ? "en" : "ko";
})();
