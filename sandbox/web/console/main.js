// The frame around the views: which world, which place, what time it is there, the keyboard, and what is said to everybody.

import { Away, Refused, escape, get, whenTokenIsWanted, wire } from "./control.js";
import { field, h } from "./dom.js";
import { Feed } from "./feed.js";
import { ask, say } from "./talk.js";
import { momentToTheSecond } from "./words.js";
import { clients } from "./clients.js";
import { clock } from "./clock.js";
import { desk } from "./desk.js";
import { faults } from "./faults.js";
import { providers } from "./providers.js";
import { report } from "./report.js";
import { requests } from "./requests.js";
import { scenarios } from "./scenarios.js";
import { week } from "./week.js";
import { worlds } from "./worlds.js";

const VIEWS = [requests, clients, week, providers, clock, faults, scenarios, worlds, desk, report];
const REFRESH_AFTER = 150; // ms after the last change, so that a burst of them costs one look
const CLOCK_EVERY = 2000;

const main = document.getElementById("main");
const places = document.getElementById("places");
const picker = document.getElementById("world");
const clockFace = document.getElementById("clock");
const notice = document.getElementById("notice");

/** What every view is given: where we are, and the world there. */
const here = { world: "default", view: null, id: null, now: null, running: true, feed: null, rules: null, goto, leaveFor, nowThere, path };

let shown = null;
let clockRead = { now: Date.now(), at: performance.now(), running: false, known: false };
let refreshing = 0;
let pendingKey = null;
let arrived = () => {};

// --- where we are: #/world/view/id ---

function goto(view, id = null, world = here.world) {
  location.hash = `#/${escape(world)}/${view}${id ? `/${escape(id)}` : ""}`;
}

function path(view, id = null, world = here.world) {
  return `#/${escape(world)}/${view}${id ? `/${escape(id)}` : ""}`;
}

/** To the same view of another world, and not before that one is shown. */
function leaveFor(world) {
  return new Promise((done) => {
    arrived = done;
    goto(here.view.name, null, world);
  });
}

async function arrive() {
  const [world, name, id] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const view = VIEWS.find((one) => one.name === name);
  if (!world || !view) return location.replace(path("requests", null, world || "default"));
  const moved = world !== here.world || !here.feed;
  Object.assign(here, { world, id: id || null });
  if (moved) await enterWorld();
  if (shown && shown.view === view && !moved && shown.handle.turn) shown.handle.turn();
  else open(view);
  document.title = `${view.title} · ${here.world === "default" ? "" : `${here.world} · `}Bardge sandbox`;
  drawPlaces();
  arrived();
}

function open(view) {
  shown?.handle.leave?.();
  here.view = view;
  main.className = `view-${view.name}`;
  main.replaceChildren();
  main.scrollTop = 0;
  shown = { view, handle: view.open(main, here) };
  here.feed.watch(view === requests);
}

async function enterWorld() {
  here.feed?.stop();
  here.feed = new Feed(here.world);
  here.feed.addEventListener("news", ({ detail }) => {
    if (detail.anew || detail.fresh.some((entry) => entry.changes.length)) refreshSoon();
  });
  shown?.handle.leave?.();
  shown = null;
  await Promise.all([readWorlds(), readClock()]);
}

function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => shown?.handle.refresh?.(), REFRESH_AFTER);
}

// --- worlds and their time ---

async function readWorlds() {
  try {
    const { data } = await get("/worlds");
    here.worlds = data;
    const known = data.some((one) => one.id === here.world);
    const names = data.map((one) => h("option", { value: one.id, selected: one.id === here.world }, one.id));
    if (!known) names.unshift(h("option", { value: here.world, selected: true }, `${here.world} (gone)`));
    picker.replaceChildren(...names);
    explain(null);
  } catch (reason) {
    complain(reason);
  }
}

async function readClock() {
  try {
    const { now, running } = await get(`/worlds/${escape(here.world)}/clock`);
    const before = nowThere();
    const jumped = clockRead.known && Math.abs(new Date(now) - before) > 5000;
    clockRead = { now: new Date(now).getTime(), at: performance.now(), running, known: true };
    here.running = running;
    if (jumped) refreshSoon();
    drawClock();
    explain(null);
  } catch (reason) {
    complain(reason);
  }
}

function nowThere() {
  const passed = clockRead.running ? performance.now() - clockRead.at : 0;
  return clockRead.now + passed;
}

function drawClock() {
  if (!clockRead.known) return;
  const text = `${momentToTheSecond(nowThere())}${clockRead.running ? "" : " ⏸"}`;
  if (clockFace.textContent !== text) clockFace.textContent = text;
  clockFace.href = path("clock");
  clockFace.setAttribute("aria-label", `In this world it is ${momentToTheSecond(nowThere())} in Lagos${clockRead.running ? "" : ", and the clock stands still"}`);
}

picker.addEventListener("change", () => goto(here.view?.name ?? "requests", null, picker.value));

// --- trouble ---

function complain(reason) {
  if (reason instanceof Away) explain("The sandbox does not answer. Is it still running? Trying again every second.");
  else if (reason instanceof Refused && reason.code === "resource_not_found") explain(`The world “${here.world}” is gone. Choose another one above.`);
  else if (reason instanceof Refused) explain(reason.message);
  else throw reason;
}

function explain(what) {
  notice.hidden = what === null;
  if (notice.textContent !== (what ?? "")) notice.textContent = what ?? "";
}

wire.addEventListener("away", () => complain(new Away()));
wire.addEventListener("back", async () => {
  explain(null);
  await Promise.all([readWorlds(), readClock()]);
  say("The sandbox is back.");
  refreshSoon();
});
wire.addEventListener("acted", () => {
  readClock();
  readWorlds();
  here.feed?.soon();
  refreshSoon();
});

whenTokenIsWanted(async () => {
  const input = h("input", { type: "password", name: "token", autocomplete: "off", required: true });
  const told = await ask("This sandbox wants its control token", [
    h("p", { class: "soft" }, "It is the one the server was started with (--control-token). It is kept for this tab, and forgotten with it."),
    field("Control token", input),
  ], "Open the console");
  return told ? input.value : null;
});

// --- the places, and the keyboard ---

function drawPlaces() {
  const link = (view) =>
    h("a", { href: path(view.name), "aria-current": view === here.view ? "page" : null, title: `g ${view.key}` }, view.title);
  const group = (title, views) => [h("p", { class: "places-title", "aria-hidden": "true" }, title), views.map(link)];
  places.replaceChildren(
    ...[
      group("World", [requests, clients, week, providers]),
      group("Controls", [clock, faults, scenarios, worlds, desk]),
      group("More", [report]),
      h("a", { href: "/_sandbox/reference" }, "API reference"),
    ].flat(Infinity),
  );
  const current = document.querySelector(".places [aria-current]");
  if (current && places.scrollWidth > places.clientWidth) places.scrollLeft = current.offsetLeft - 12;
}

function help() {
  const keys = [
    ["/", "Search in this view"],
    ["j, k", "Next, previous"],
    ["Enter", "Open"],
    ["Esc", "Close, or leave the search"],
    ...VIEWS.map((view) => [`g ${view.key}`, `Go to ${view.title.toLowerCase()}`]),
    ["?", "This help"],
  ];
  const rows = keys.map(([key, does]) => [h("dt", {}, key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, does)]);
  ask("Keyboard", [h("dl", { class: "keys" }, rows.flat())], null);
}

document.getElementById("help").addEventListener("click", help);

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (typing) return event.target.blur();
    return shown?.handle.close?.();
  }
  if (typing) return;
  if (pendingKey === "g") {
    pendingKey = null;
    const view = VIEWS.find((one) => one.key === event.key);
    if (view) goto(view.name);
    return;
  }
  if (event.key === "g") {
    pendingKey = "g";
    setTimeout(() => (pendingKey = null), 1500);
  } else if (event.key === "/") {
    event.preventDefault();
    main.querySelector("[data-search]")?.focus();
  } else if (event.key === "?") help();
  else if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    step(event.key === "j" ? 1 : -1);
  }
});

/** j and k: through the view's own list if it has one, else through whatever it marked as a row. */
function step(by) {
  if (shown?.handle.step) return shown.handle.step(by);
  const rows = [...main.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("[data-row]"));
  rows[Math.min(rows.length - 1, Math.max(0, at + by))].focus();
}

document.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

async function readRules() {
  const response = await fetch("/_sandbox/console/rules.json");
  here.rules = response.ok ? await response.json() : { rules: {}, codes: {}, operations: [] };
}

setInterval(drawClock, 250);
setInterval(() => !document.hidden && readClock(), CLOCK_EVERY);
window.addEventListener("hashchange", arrive);
document.addEventListener("visibilitychange", () => !document.hidden && here.feed?.soon());
await readRules();
arrive();
