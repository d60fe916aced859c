// Situations to load, and stories to watch.

import { act, escape, get } from "./control.js";
import { copy, empty, h, pill } from "./dom.js";
import { live } from "./live.js";
import { ask, attempt, say } from "./talk.js";
import { count } from "./words.js";

const PACE = 90; // ms between the steps that are shown

export const scenarios = { name: "scenarios", title: "Scenarios", key: "s", open };

function open(place, here) {
  let text = "";
  const search = h("input", { type: "search", placeholder: "Search name, title, reason…  /", "aria-label": "Search scenarios", "data-search": true, oninput: () => { text = search.value.trim().toLowerCase(); shown.refresh(true); } });
  const stage = h("div", { class: "stage", "aria-live": "polite" });
  place.append(
    h("header", { class: "head" }, h("h1", {}, "Scenarios"), h("span", { class: "soft" }, `for the world ${here.world}`)),
    h("div", { class: "filters", role: "search" }, search, h("button", { type: "button", onclick: () => loadText(here) }, "Load from text")),
    stage,
  );
  const draw = ({ data }) => {
    const fitting = data.filter((one) => !text || `${one.name} ${one.title} ${one.why}`.toLowerCase().includes(text));
    if (!data.length) return empty("No scenarios", "Put YAML files into scenarios/, or load one from text.");
    if (!fitting.length) return empty("No scenario fits", `${data.length} do not.`);
    return h("ul", { class: "scenarios" }, fitting.map((one) => item(one, here, stage)));
  };
  const shown = live(place, () => get("/scenarios"), draw);
  return shown;
}

function item(one, here, stage) {
  const base = `/worlds/${escape(here.world)}`;
  const load = () => attempt(() => act("POST", `${base}/scenarios/load`, { scenario: one.name }), () => `${here.world} is now in the situation ${one.name}.`);
  const reset = async () => {
    if (await ask(`Reset ${here.world} into ${one.name}?`, h("p", {}, "Data, clock, faults, messages and journal begin anew. Keys and snapshots stay."), "Reset", { danger: true }))
      await attempt(() => act("POST", `${base}/reset`, { scenario: one.name }), () => `${here.world} begins anew as ${one.name}.`);
  };
  return h(
    "li",
    { class: "scenario" },
    h("div", {}, h("h2", {}, one.title), h("p", { class: "mono soft small" }, one.name, one.steps ? ` · ${count(one.steps, "step")}` : ""), one.why ? h("p", { class: "soft" }, one.why) : null),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", "data-row": true, "data-key": `load-${one.name}`, onclick: load, title: "Lays it over the world as it stands", "aria-label": `Load ${one.name}` }, "Load"),
      h("button", { type: "button", class: "plain", "data-key": `reset-${one.name}`, onclick: reset, "aria-label": `Reset into ${one.name}` }, "Reset into"),
      one.steps ? h("button", { type: "button", class: "primary", "data-key": `run-${one.name}`, onclick: () => run(one, here, stage), "aria-label": `Run ${one.name}` }, "Run") : null,
      h("button", { type: "button", class: "plain", "data-key": `read-${one.name}`, onclick: () => read(one), "aria-label": `Read ${one.name}` }, "Read"),
    ),
  );
}

async function read(one) {
  const scenario = await attempt(() => get(`/scenarios/${escape(one.name)}`));
  if (!scenario) return;
  await ask(scenario.title, [h("div", { class: "buttons" }, h("button", { type: "button", onclick: async () => { await copy(scenario.text); say("Copied."); } }, "Copy")), h("pre", { class: "json tall", tabindex: "0" }, scenario.text)], null, { wide: true });
}

async function loadText(here) {
  const area = h("textarea", { rows: "14", required: true, placeholder: "title: Ada is rich\ngiven:\n  credits:\n    - {id: lot_rich, client_id: client_ada, credits: 1000}", "aria-label": "Scenario file" });
  if (!(await ask("Load a scenario from text", [h("p", { class: "soft" }, "All of it happens, or nothing."), area], "Load", { wide: true }))) return;
  await attempt(() => act("POST", `/worlds/${escape(here.world)}/scenarios/load`, { scenario: area.value }), () => "Loaded.");
}

/** Plays it in this world, from its beginning, and shows the steps as they passed. */
async function run(one, here, stage) {
  if (!(await ask(`Run ${one.name} in ${here.world}?`, h("p", {}, "The world is reset into the scenario first, then its steps are played."), "Run it"))) return;
  stage.replaceChildren(h("p", { class: "soft" }, `Playing ${one.title}…`));
  const told = await attempt(() => act("POST", `/worlds/${escape(here.world)}/scenarios/run`, { scenario: one.name }));
  if (!told) return stage.replaceChildren();
  const list = h("ol", { class: "steps" });
  const verdict = h("p", { class: "verdict" });
  stage.replaceChildren(h("section", { class: "card" }, h("header", { class: "head" }, h("h2", {}, told.title), h("span", { class: "spacer" }), h("button", { type: "button", class: "plain", onclick: () => stage.replaceChildren(), "aria-label": "Close" }, "×")), list, verdict));
  for (const step of told.steps) {
    list.append(stepLine(step, here));
    await new Promise((done) => setTimeout(done, PACE));
  }
  const left = told.total - told.steps.length;
  verdict.replaceChildren(told.passed ? pill("ok", `All ${told.total} steps passed`) : pill("failed", `Step ${told.steps.length} failed${left ? `, ${left} were not played` : ""}`));
}

function stepLine(step, here) {
  return h(
    "li",
    { class: "arrives" },
    pill(step.passed ? "ok" : "failed", step.passed ? "passed" : "failed"),
    h("span", {}, step.title),
    h("span", { class: "soft small" }, step.status === null ? (step.kind === "call" ? "no answer" : step.kind) : String(step.status)),
    step.request_id ? h("a", { class: "small", href: here.path("requests", step.request_id) }, "request") : null,
    step.problems.map((problem) => h("p", { class: "problem" }, problem)),
  );
}
