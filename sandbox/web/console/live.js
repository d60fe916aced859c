// A view that shows what the control API answers: it waits, fills, stays fresh, and says so when it cannot.

import { Away } from "./control.js";
import { h, refill } from "./dom.js";

export function live(place, load, draw) {
  let last = null;
  let left = false;
  let asked = 0; // an answer that was overtaken by a later one is not shown
  let stale = false; // somebody changed what is to be shown: the next answer is drawn, the same as before or not
  const body = h("div", { class: "live", "aria-busy": "true" }, h("p", { class: "waiting soft" }, "Looking…"));
  place.append(body);

  async function refresh(anyway = false) {
    const mine = ++asked;
    stale ||= anyway;
    try {
      const data = await load();
      const text = JSON.stringify(data);
      if (left || mine !== asked || (text === last && !stale)) return;
      last = text;
      stale = false;
      refill(body, draw(data));
    } catch (reason) {
      if (left || mine !== asked || reason instanceof Away) return;
      last = null;
      refill(body, h("div", { class: "empty" }, h("p", { class: "empty-title" }, "That could not be shown"), h("p", { class: "soft" }, reason.message)));
    } finally {
      body.removeAttribute("aria-busy");
    }
  }

  refresh();
  return {
    body,
    refresh,
    leave: () => {
      left = true;
    },
  };
}
