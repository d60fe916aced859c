// Before anything is painted: the colours the visitor chose, or those of her system.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const theme = localStorage.getItem("theme") ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  document.documentElement.classList.toggle("dark-mode", theme === "dark"); // the reference's renderer listens to this
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${theme === "dark" ? "light" : "dark"} colours`);
  }
}

paint();
dark.addEventListener("change", paint);
document.addEventListener("DOMContentLoaded", paint);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-theme-toggle]")) {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", next);
    paint();
  }
});
