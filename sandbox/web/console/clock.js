// One clock to a world: read it, move it, stop it; and what it will do by itself.

import { act, escape, get } from "./control.js";
import { empty, field, h, pill, table } from "./dom.js";
import { live } from "./live.js";
import { attempt } from "./talk.js";
import { dateOf, fromNow, moment, momentToTheSecond } from "./words.js";

const SECONDS = "2026-05-19T18:00:00".length; // a browser leaves out seconds that are none
const LAGOS = "+01:00"; // Lagos keeps one offset all year

export const clock = { name: "clock", title: "Clock", key: "t", open };

function open(place, here) {
  const face = h("p", { class: "big-clock numbers", "data-clock": true });
  const state = h("span", {});
  const pause = h("button", { type: "button", onclick: () => move(here.running ? { freeze: true } : { run: true }) });
  const when = h("input", { type: "datetime-local", step: "1", required: true });
  const form = h(
    "form",
    { class: "inline", onsubmit: (event) => { event.preventDefault(); move({ set: `${when.value}${when.value.length < SECONDS ? ":00" : ""}${LAGOS}` }); } },
    field("Any time, in Lagos", when),
    h("button", { type: "submit" }, "Set"),
  );
  const leaps = [["+1 minute", "PT1M"], ["+1 hour", "PT1H"], ["+1 day", "P1D"], ["+1 week", "P7D"], ["+1 month", "P1M"], ["−1 hour", "-PT1H"]];
  place.append(
    h("header", { class: "head" }, h("h1", {}, "Clock"), state),
    h(
      "section",
      { class: "card" },
      face,
      h("p", { class: "soft" }, "Business time, Africa/Lagos. Everything in this world obeys it, at once."),
      h(
        "div",
        { class: "buttons" },
        pause,
        leaps.map(([text, span]) => h("button", { type: "button", onclick: () => move({ advance: span }) }, text)),
        h("button", { type: "button", onclick: () => move({ set: endOfMonth() }) }, "End of month"),
        h("button", { type: "button", onclick: () => move({ set: new Date().toISOString() }) }, "The real now"),
      ),
      form,
    ),
    h("h2", { class: "above" }, "What will happen next"),
  );

  function move(body) {
    return attempt(() => act("POST", `/worlds/${escape(here.world)}/clock`, body), (told) => `It is ${momentToTheSecond(told.now)}.`);
  }

  function endOfMonth() {
    const [year, month] = dateOf(here.nowThere()).split("-").map(Number);
    const first = new Date(Date.UTC(year, month, 1));
    return `${new Date(first.getTime() - 86_400_000).toISOString().slice(0, 10)}T23:59:00${LAGOS}`;
  }

  function tick() {
    const text = momentToTheSecond(here.nowThere());
    if (face.textContent !== text) face.textContent = text;
    const word = here.running ? "Stop the clock" : "Let it run";
    if (pause.textContent !== word) {
      pause.textContent = word;
      state.replaceChildren(here.running ? pill("ok", "running") : pill("refused", "standing still"));
    }
  }

  const load = () => get(`/worlds/${escape(here.world)}/upcoming?limit=100`);
  const draw = ({ data, total }) => {
    if (!data.length) return empty("Nothing is due", "No pass, booking, session or credit waits for a moment.");
    const rows = data.map((one, i) => [
      h("span", { class: "numbers", title: fromNow(one.at, here.nowThere()) }, moment(one.at)),
      one.what,
      one.client_id ? h("a", { href: here.path("clients", one.client_id), class: "mono" }, one.client_id) : h("span", { class: "mono soft" }, one.subject),
      h("button", { type: "button", class: "plain", "data-row": true, "data-key": `${one.subject}-${i}`, "aria-label": `Go there, ${moment(one.at)}`, onclick: () => move({ set: one.at }) }, "Go there"),
    ]);
    return [table("What the clock will do, soonest first", ["When", "What", "Whom", ""], rows), total > data.length ? h("p", { class: "soft small below" }, `${data.length} of ${total}`) : null];
  };
  const shown = live(place, load, draw);
  const ticking = setInterval(tick, 200);
  tick();
  when.value = new Date(here.nowThere() + 3_600_000).toISOString().slice(0, 19);
  return {
    refresh: shown.refresh,
    leave: () => {
      clearInterval(ticking);
      shown.leave();
    },
  };
}
