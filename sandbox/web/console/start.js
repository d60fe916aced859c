// The start page works without this; it adds the copy buttons and a clock that moves.

import { copy } from "./dom.js";
import { momentToTheSecond } from "./words.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  const word = button.textContent;
  button.addEventListener("click", async () => {
    await copy(document.querySelector(button.dataset.copy).textContent.trim());
    button.textContent = "Copied";
    document.getElementById("said").textContent = "Copied.";
    setTimeout(() => (button.textContent = word), 1500);
  });
}

const face = document.getElementById("now");
if (face) {
  const start = new Date(face.dateTime).getTime();
  const opened = performance.now();
  const passed = () => (face.dataset.running === "yes" ? performance.now() - opened : 0);
  const tick = () => (face.textContent = momentToTheSecond(start + passed()));
  tick();
  setInterval(tick, 500);
}
