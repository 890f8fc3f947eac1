// Light, dark, or as the system is. A plain script in the head, so that no page flashes white.
(() => {
  const KEY = "gpuvoice.theme";
  const root = document.documentElement;

  function wear(theme) {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  }

  const kept = localStorage.getItem(KEY) ?? "auto";
  wear(kept);
  document.addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll("input[name=theme]")) {
      choice.checked = choice.value === kept;
      choice.addEventListener("change", () => {
        localStorage.setItem(KEY, choice.value);
        wear(choice.value);
      });
    }
  });
})();
