// The live journal. Only the rows in sight exist, so that two hundred a second stay smooth.

import { act, escape, get } from "./control.js";
import { copy, download, empty, h, pill, select } from "./dom.js";
import { detail } from "./request.js";
import { saveAsScenario } from "./saving.js";
import { ask, attempt, say } from "./talk.js";
import { outcome, realTime } from "./words.js";

const MARGIN = 8; // rows drawn beyond the edges
const OUTCOMES = [["", "Any outcome"], ["ok", "OK"], ["refused", "Refused"], ["failed", "Failed"], ["replayed", "Replayed"], ["fault", "A fault struck"], ["changed", "Changed the world"]];

export const requests = { name: "requests", title: "Requests", key: "r", open };

function open(place, here) {
  const wanted = { text: "", operation: "", outcome: "", client: "" };
  let entries = [];
  let rows = new Map();
  let arrived = new Set();
  let panel = null;

  const search = h("input", { type: "search", placeholder: "Search path, id, rule, code…  /", "aria-label": "Search the journal", "data-search": true, oninput: () => narrow("text", search.value.trim().toLowerCase()) });
  const operations = [["", "Any operation"], ...here.rules.operations.map((one) => one.id), ["-", "No operation"]];
  const operation = select(operations, { "aria-label": "Operation", onchange: () => narrow("operation", operation.value) });
  const byOutcome = select(OUTCOMES, { "aria-label": "Outcome", onchange: () => narrow("outcome", byOutcome.value) });
  const client = h("input", { type: "search", placeholder: "Client", "aria-label": "Client", list: "clients-seen", oninput: () => narrow("client", client.value.trim()) });
  const seen = h("datalist", { id: "clients-seen" });
  const tally = h("span", { class: "soft small numbers tally", role: "status" });
  const list = h("ol", { class: "journal", "aria-label": "Requests, newest first" });
  const window_ = h("div", { class: "journal-window", tabindex: "-1", onscroll: () => draw() }, list);
  const nothing = h("div", { class: "journal-empty", hidden: true });
  const aside = h("section", { class: "journal-detail", "aria-label": "Request", hidden: true });

  place.append(
    h("header", { class: "head" }, h("h1", {}, "Requests"), tally, h("span", { class: "spacer" }), tools()),
    h("div", { class: "filters", role: "search" }, search, operation, byOutcome, client, seen),
    h("div", { class: "split" }, h("div", { class: "journal-frame" }, window_, nothing), aside),
  );

  function tools() {
    return h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "plain", onclick: () => saveAsScenario(here, entries) }, "Save as scenario"),
      h("button", { type: "button", class: "plain", onclick: har }, "HAR"),
      h("button", { type: "button", class: "plain", onclick: clear }, "Clear"),
    );
  }

  async function har() {
    const archive = await attempt(() => get(`/worlds/${escape(here.world)}/requests.har?limit=1000`));
    if (archive) download(`${here.world}.har`, JSON.stringify(archive, null, 2), "application/json");
  }

  async function clear() {
    if (!(await ask("Empty the journal?", h("p", {}, "What was asked so far is forgotten. Nothing else in the world changes."), "Empty it"))) return;
    await attempt(() => act("DELETE", `/worlds/${escape(here.world)}/requests`), (done) => `${done.removed} requests forgotten.`);
    here.goto("requests");
  }

  function narrow(name, value) {
    wanted[name] = value;
    window_.scrollTop = 0;
    sift();
  }

  function sift() {
    entries = here.feed.entries.filter((entry) => fits(entry, wanted));
    const all = here.feed.entries.length;
    tally.textContent = entries.length === all ? `${all}` : `${entries.length} of ${all}`;
    const names = [...new Set(here.feed.entries.map((entry) => entry.client_id).filter(Boolean))].sort();
    offerStatuses();
    if (names.length !== seen.children.length) seen.replaceChildren(...names.map((name) => h("option", { value: name })));
    draw();
  }

  /** Every status that was seen can be asked for, below the outcomes. */
  function offerStatuses() {
    for (const status of [...new Set(here.feed.entries.map((entry) => String(entry.status)))].sort())
      if (![...byOutcome.options].some((option) => option.value === status)) byOutcome.append(h("option", { value: status }, `Status ${status}`));
  }

  function draw() {
    const high = rowHeight(window_);
    list.style.height = `${entries.length * high}px`;
    showEmpty();
    const from = Math.max(0, Math.floor(window_.scrollTop / high) - MARGIN);
    const to = Math.min(entries.length, Math.ceil((window_.scrollTop + window_.clientHeight) / high) + MARGIN);
    const kept = new Map();
    for (let i = from; i < to; i++) {
      const entry = entries[i];
      const row = rows.get(entry.id) ?? makeRow(entry);
      row.style.transform = `translateY(${i * high}px)`;
      row.classList.toggle("chosen", entry.id === here.id);
      row.firstChild.toggleAttribute("aria-current", entry.id === here.id);
      kept.set(entry.id, row);
    }
    for (const [id, row] of rows) if (!kept.has(id)) row.remove();
    rows = kept;
    let place = list.firstChild; // in the order in which they are read, for whoever reads without eyes
    for (const row of kept.values()) {
      if (row === place) place = place.nextSibling;
      else list.insertBefore(row, place);
    }
    arrived = new Set();
  }

  function makeRow(entry) {
    const { kind, word } = outcome(entry);
    const cells = [
      h("span", { class: "c-outcome" }, pill(kind, `${entry.status} ${word}`)),
      h("span", { class: "c-operation" }, entry.operation ?? h("span", { class: "mono" }, `${entry.method} ${entry.path}`)),
      h("span", { class: "c-client mono" }, entry.client_id ?? ""),
      h("span", { class: "c-rule soft" }, entry.rule.join(" ")),
      h("span", { class: "c-marks" }, marks(entry)),
      h("span", { class: "c-took soft numbers" }, `${entry.duration_ms.toFixed(1)} ms`),
      h("span", { class: "c-at soft numbers" }, realTime(entry.at)),
    ];
    const link = h("a", { href: here.path("requests", entry.id), "data-row": true, "data-id": entry.id }, cells);
    return h("li", { class: arrived.has(entry.id) ? "arrives" : "" }, link);
  }

  function showEmpty() {
    const trouble = here.feed.trouble;
    const none = !entries.length && (here.feed.loaded || trouble);
    window_.hidden = none;
    nothing.hidden = !none;
    if (!none) return;
    if (!here.feed.loaded) nothing.replaceChildren(empty("The journal cannot be read", trouble.message));
    else if (here.feed.entries.length) nothing.replaceChildren(empty("Nothing fits the filters", `${here.feed.entries.length} requests do not.`));
    else if (nothing.dataset.shown !== here.world) nothing.replaceChildren(firstCall(here));
    nothing.dataset.shown = here.feed.loaded && !here.feed.entries.length ? here.world : "";
  }

  function turn() {
    panel?.leave();
    panel = null;
    aside.hidden = !here.id;
    place.classList.toggle("detailed", Boolean(here.id));
    aside.replaceChildren();
    aside.scrollTop = 0;
    if (here.id) panel = detail(aside, here, () => here.goto("requests"));
    draw();
  }

  function news({ detail: { fresh, anew } }) {
    const stay = window_.scrollTop > 0 && !anew;
    const before = entries.length ? entries[0].id : null;
    arrived = new Set(fresh.length < 20 ? fresh.map((entry) => entry.id) : []);
    if (anew) for (const row of rows.values()) row.remove();
    if (anew) rows = new Map();
    sift();
    if (!stay) return;
    const moved = entries.findIndex((entry) => entry.id === before);
    if (moved > 0) window_.scrollTop += moved * rowHeight(window_);
  }

  function step(by) {
    if (!entries.length) return;
    const focused = document.activeElement.dataset?.id ?? here.id;
    const at = entries.findIndex((entry) => entry.id === focused);
    const next = Math.min(entries.length - 1, Math.max(0, at + by));
    const high = rowHeight(window_);
    const top = next * high;
    if (top < window_.scrollTop) window_.scrollTop = top;
    if (top + high > window_.scrollTop + window_.clientHeight) window_.scrollTop = top + high - window_.clientHeight;
    draw();
    rows.get(entries[next].id)?.firstChild.focus({ preventScroll: true });
    if (here.id) here.goto("requests", entries[next].id);
  }

  const sized = new ResizeObserver(() => draw());
  sized.observe(window_);
  const feed = here.feed;
  feed.addEventListener("news", news);
  sift();
  turn();
  return {
    turn,
    step,
    close: () => here.id && here.goto("requests"),
    leave: () => {
      panel?.leave();
      sized.disconnect();
      feed.removeEventListener("news", news);
    },
  };
}

function rowHeight(place) {
  return Number.parseFloat(getComputedStyle(place).getPropertyValue("--row")) || 36;
}

function marks(entry) {
  return [
    entry.fault ? h("span", { class: "mark-fault", title: `Fault: ${entry.fault}` }, "fault") : null,
    entry.generated ? h("span", { class: "mark", title: "Made from the document, not from the world" }, "generated") : null,
    entry.changes.length ? h("span", { class: "mark", title: "Changed the world" }, `${entry.changes.length} ${entry.changes.length === 1 ? "change" : "changes"}`) : null,
  ];
}

function fits(entry, { text, operation, outcome: what, client }) {
  if (operation && (operation === "-" ? entry.operation !== null : entry.operation !== operation)) return false;
  if (client && !concerns(entry, client)) return false;
  if (what && !came(entry, what)) return false;
  return !text || spoken(entry).includes(text);
}

function came(entry, what) {
  if (what === "fault") return entry.fault !== null;
  if (/^\d/.test(what)) return String(entry.status) === what;
  if (what === "changed") return entry.changes.length > 0;
  return outcome(entry).kind === what;
}

function concerns(entry, client) {
  return entry.client_id?.includes(client) || entry.changes.some((change) => change.after?.client_id?.includes(client));
}

function spoken(entry) {
  const code = entry.answer.body?.error?.code ?? "";
  return `${entry.id} ${entry.method} ${entry.path} ${entry.query} ${entry.operation} ${entry.status} ${entry.client_id} ${entry.rule.join(" ")} ${code} ${entry.caller} ${entry.fault ?? ""}`.toLowerCase();
}

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`; // for a shell

/** The first ten seconds of somebody who opened the console before calling anything. */
function firstCall(here) {
  const world = here.worlds?.find((one) => one.id === here.world);
  const key = world?.accounts.find((one) => one.enabled && one.api_key)?.api_key ?? "YOUR_KEY";
  const line = `curl -s ${location.origin}/v3/api/business/reseller/classes -H ${quoted(`Authorization: Bearer ${key}`)}`;
  return h(
    "div",
    { class: "empty" },
    h("p", { class: "empty-title" }, "Nothing was asked yet"),
    h("p", { class: "soft" }, "Paste this into a terminal; the request appears here as it happens."),
    h(
      "div",
      { class: "takeaway" },
      h("header", {}, h("span", { class: "soft small" }, "curl"), h("button", { class: "plain", type: "button", onclick: async () => { await copy(line); say("Copied."); } }, "Copy")),
      h("pre", { tabindex: "0" }, line),
    ),
  );
}
