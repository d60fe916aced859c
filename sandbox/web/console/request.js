// One request: what was asked, what was answered, which rules decided, and what is different in the world now.

import { Refused, act, escape, get, text } from "./control.js";
import { copy, empty, h, pill } from "./dom.js";
import { saveAsScenario } from "./saving.js";
import { attempt, say } from "./talk.js";
import { faultInWords, json, moment, momentToTheSecond, outcome, realTime } from "./words.js";

export function detail(place, here, close) {
  let left = false;
  const known = here.feed.entries.find((entry) => entry.id === here.id);
  if (known) place.replaceChildren(...draw(known, here, close));
  else fetchIt();

  async function fetchIt() {
    place.replaceChildren(h("p", { class: "waiting soft" }, "Looking…"));
    try {
      const entry = await get(`/worlds/${escape(here.world)}/requests/${escape(here.id)}`);
      if (!left) place.replaceChildren(...draw(entry, here, close));
    } catch (reason) {
      const hint = reason instanceof Refused && reason.status === 404 ? "The journal keeps the newest requests only; a reset empties it." : reason.message;
      if (!left) place.replaceChildren(empty("That request is not in the journal", hint));
    }
  }

  return {
    leave: () => {
      left = true;
    },
  };
}

function draw(entry, here, close) {
  const { kind, word } = outcome(entry);
  const operation = here.rules.operations.find((one) => one.id === entry.operation);
  return [
    h(
      "header",
      { class: "detail-head" },
      h("div", { class: "detail-title" }, h("h2", {}, entry.operation ?? "No such operation"), pill(kind, `${entry.status} ${word}`)),
      h("button", { class: "plain", type: "button", onclick: close, title: "Esc" }, "Close"),
    ),
    operation ? h("p", { class: "soft" }, operation.summary, " ", provenance(operation.provenance)) : null,
    h("p", { class: "mono target" }, h("b", {}, entry.method), ` ${entry.path}${entry.query ? `?${entry.query}` : ""}`),
    h("div", { class: "buttons" }, actions(entry, here)),
    facts(entry, here),
    entry.fault ? section("The fault that struck", h("div", { class: "strip fault" }, h("p", {}, sentence(faultInWords(entry.fault))), h("p", { class: "mono small" }, entry.fault))) : null,
    entry.replayed ? section("Replayed", h("div", { class: "strip replayed" }, "The Idempotency-Key was used before with this very request: the first answer came again, and nothing happened twice.")) : null,
    why(entry, here),
    section("What changed in the world", changes(entry, here)),
    section("Request", headers(entry.request.headers), body(entry.request.body, "No body was sent.")),
    section("Answer", headers(entry.answer.headers), body(entry.answer.body, "It had no body.")),
  ].filter(Boolean);
}

const section = (title, ...content) => h("section", { class: "block" }, h("h3", {}, title), content);
const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export function provenance(kind) {
  const meaning = {
    documented: "stated in the vendor's prose",
    sampled: "seen in a sample of the vendor's",
    menu: "the vendor names it, and nothing more is known",
    chosen: "our choice where the vendor is silent",
  };
  return h("span", { class: `provenance ${kind}`, title: meaning[kind] }, kind);
}

function actions(entry, here) {
  const base = `/worlds/${escape(here.world)}/requests/${escape(entry.id)}`;
  const asCurl = async () => {
    const line = await attempt(() => text(`${base}/curl`));
    if (!line) return;
    await copy(line.trim());
    say("Copied. Set BARDGE_KEY to your key before you paste it.");
  };
  const repeat = async () => {
    const again = await attempt(() => act("POST", `${base}/repeat`), (one) => (one.lost ? "Asked again; the answer was lost." : `Asked again: ${one.status}.`));
    if (again?.request_id) here.goto("requests", again.request_id);
  };
  return [
    h("button", { type: "button", onclick: asCurl }, "Copy as curl"),
    h("button", { type: "button", onclick: repeat }, "Repeat"),
    h("button", { type: "button", onclick: () => saveAsScenario(here, here.feed.entries, entry) }, "Save as scenario"),
  ];
}

function facts(entry, here) {
  const pairs = [
    ["Asked", `${realTime(entry.at)} here, ${momentToTheSecond(entry.world_time)} in the world`],
    ["Took", `${entry.duration_ms.toFixed(1)} ms`],
    ["Caller", entry.caller ?? "unknown key"],
    ["Client", entry.client_id ? h("a", { href: here.path("clients", entry.client_id) }, entry.client_id) : "none named"],
    ["Id", h("span", { class: "mono" }, entry.id)],
  ];
  return h("dl", { class: "facts" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function why(entry, here) {
  const code = entry.answer.body?.error?.code;
  const known = code && here.rules.codes[code];
  if (!entry.rule.length && !known) return null;
  const rules = entry.rule.map((id) => {
    const rule = here.rules.rules[id];
    return h(
      "li",
      {},
      h("p", { class: "rule-id" }, h("b", {}, id), " ", rule ? h("span", { class: "soft" }, rule.why) : null),
      rule ? h("ul", {}, rule.says.map(([says, letter]) => h("li", {}, says, " ", provenance(letter)))) : null,
    );
  });
  return section(
    "What decided",
    known ? h("div", { class: "strip refused" }, h("p", {}, h("b", { class: "mono" }, code), ". ", entry.answer.body.error.message), h("p", {}, h("b", {}, "What to do: "), known.cure)) : null,
    rules.length ? h("ul", { class: "rules" }, rules) : null,
  );
}

function changes(entry, here) {
  if (!entry.changes.length) return h("p", { class: "soft" }, entry.status >= 400 ? "Nothing: a refusal changes nothing." : "Nothing.");
  return entry.changes.map((change) => {
    const names = [...new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})])];
    const differ = names.filter((name) => JSON.stringify(change.before?.[name]) !== JSON.stringify(change.after?.[name]));
    const rows = differ.map((name) =>
      h(
        "tr",
        {},
        h("th", { scope: "row", class: "mono" }, name),
        h("td", { class: "before" }, value(name, change.before?.[name])),
        h("td", { class: "after" }, value(name, change.after?.[name])),
      ),
    );
    const what = change.before === null || change.before === undefined ? "made" : change.after === null ? "gone" : "changed";
    return h(
      "div",
      { class: "change" },
      h("p", {}, h("b", {}, change.kind.replaceAll("_", " ")), " ", subject(change, here), " ", h("span", { class: `change-kind ${what}` }, what)),
      h("div", { class: "table", tabindex: "0", role: "region", "aria-label": `What changed in ${change.id}` },
        h("table", { class: "diff" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "field"), h("th", { scope: "col" }, "before"), h("th", { scope: "col" }, "after"))), h("tbody", {}, rows))),
    );
  });
}

function subject(change, here) {
  const id = h("span", { class: "mono" }, change.id);
  return change.kind === "client" ? h("a", { href: here.path("clients", change.id) }, id) : id;
}

function value(name, one) {
  if (one === undefined || one === null) return h("span", { class: "soft" }, "—");
  if (typeof one === "object") return h("code", {}, JSON.stringify(one));
  const isTime = typeof one === "number" && one > 1e12 && one < 9e12;
  return [h("code", {}, String(one)), isTime ? h("span", { class: "soft small" }, ` ${moment(one)}`) : null];
}

function headers(all) {
  const rows = Object.entries(all).map(([name, one]) => [h("dt", {}, name), h("dd", {}, one)]);
  return h("details", { class: "headers", "data-key": "headers" }, h("summary", {}, `${rows.length} headers`), h("dl", { class: "mono small" }, rows.flat()));
}

function body(content, none) {
  if (content === null) return h("p", { class: "soft" }, none);
  return typeof content === "string" ? h("pre", { class: "json", tabindex: "0" }, content) : json(content);
}
