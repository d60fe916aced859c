// What is said to the person: a word in passing, or a question that waits.

import { Refused } from "./control.js";
import { h } from "./dom.js";

const SHOWN_FOR = 6000;

export function say(message, kind = "ok", ...more) {
  const toast = h("div", { class: `toast ${kind}` }, h("span", {}, message), more);
  toast.append(h("button", { class: "plain", type: "button", "aria-label": "Dismiss", onclick: () => toast.remove() }, "×"));
  const toasts = document.getElementById("toasts");
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstChild.remove();
  setTimeout(() => toast.remove(), SHOWN_FOR);
}

/** A dialog; true when it was confirmed. `yes` null: there is nothing to confirm. */
export function ask(title, content, yes = "OK", { danger = false, wide = false } = {}) {
  return new Promise((answer) => {
    const buttons = yes
      ? [
          h("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
          h("button", { class: danger ? "danger" : "primary", type: "submit" }, yes),
        ]
      : [h("button", { type: "submit", class: "primary" }, "Close")];
    const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), content, h("div", { class: "buttons end" }, buttons));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title", class: wide ? "wide" : "" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close("yes");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Do it, and if the sandbox says no, say why. Answers undefined then. */
export async function attempt(work, done = null) {
  try {
    const answer = await work();
    if (done) say(typeof done === "function" ? done(answer) : done);
    return answer;
  } catch (reason) {
    if (!(reason instanceof Error)) throw reason;
    say(reason.message, reason instanceof Refused ? "refused" : "failed");
    return undefined;
  }
}
