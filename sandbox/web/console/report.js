// The last run of the contract suite, if somebody made one.

import { Refused, get } from "./control.js";
import { empty, h, pill, select, table } from "./dom.js";
import { live } from "./live.js";
import { provenance } from "./request.js";
import { count, json } from "./words.js";

const LETTERS = { D: "documented", S: "sampled", M: "menu", C: "chosen" };
const ORDER = ["failed", "error", "blocked", "warn", "not tested", "disabled", "n/a", "passed"]; // the worst first

export const report = { name: "report", title: "Contract report", key: "e", open };

function open(place) {
  let verdict = "";
  let text = "";
  let again = false; // the page knew of none when it was made; asked for anew, it may be there
  const look = () => {
    again = true;
    shown.refresh(true);
  };
  const search = h("input", { type: "search", placeholder: "Search id or sentence…  /", "aria-label": "Search requirements", "data-search": true, oninput: () => { text = search.value.trim().toLowerCase(); shown.refresh(true); } });
  const verdicts = select([["", "Every verdict"]], { "aria-label": "Verdict", onchange: () => { verdict = verdicts.value; shown.refresh(true); } });
  place.append(h("header", { class: "head" }, h("h1", {}, "Contract report")));
  const filters = h("div", { class: "filters", role: "search", hidden: true }, search, verdicts);
  place.append(filters);
  const load = async () => {
    if (document.documentElement.dataset.report === "none" && !again) return null;
    try {
      return await get("/contract-report");
    } catch (reason) {
      if (reason instanceof Refused && reason.status === 404) return null;
      throw reason;
    }
  };
  const draw = (told) => {
    filters.hidden = !told;
    if (!told) return none(look);
    const seen = [...new Set(told.requirements.map((one) => one.verdict))].sort((a, b) => rank(a) - rank(b));
    if (verdicts.options.length === 1) verdicts.append(...seen.map((one) => h("option", { value: one }, one)));
    const fitting = told.requirements
      .filter((one) => (!verdict || one.verdict === verdict) && (!text || `${one.id} ${one.says} ${one.section}`.toLowerCase().includes(text)))
      .sort((a, b) => rank(a.verdict) - rank(b.verdict));
    return [
      h("section", { class: "card" }, h("p", { class: "headline" }, pill(told.exit_code === 0 ? "ok" : "failed", told.standing.toLowerCase()), " ", told.headline.replace(`${told.standing} `, "")), h("p", { class: "soft small" }, `${told.target}, level ${told.level}, ${told.requests} requests in ${told.seconds} s, ${told.started}`), h("p", { class: "pill-list" }, Object.entries(told.counts).filter(([, n]) => n).map(([name, n]) => pill(kindOf(name), `${n} ${name}`)))),
      fitting.length ? table("Requirements", ["", "Requirement", "Says", "From"], fitting.map(row)) : empty("No requirement fits"),
    ];
  };
  const shown = live(place, load, draw);
  return shown;
}

const KINDS = { passed: "ok", failed: "failed", error: "failed", warn: "refused", blocked: "refused" };
const rank = (verdict) => ORDER.indexOf(verdict);
const kindOf = (verdict) => KINDS[verdict] ?? "quiet";

function row(one) {
  return [
    pill(kindOf(one.verdict), one.verdict),
    h("b", { class: "mono", "data-row": true, tabindex: "-1" }, one.id),
    [h("p", {}, one.says), one.reasons.map((reason) => h("p", { class: one.verdict === "not tested" ? "soft" : "problem" }, reason.sentence)), one.gap ? h("p", { class: "soft small" }, one.gap) : null, proof(one)],
    provenance(LETTERS[one.provenance] ?? one.provenance),
  ];
}

/** The requests by which it was seen, where something went wrong. */
function proof(one) {
  if (!one.exchanges?.length || one.verdict === "passed") return null;
  return h("details", { "data-key": one.id }, h("summary", {}, count(one.exchanges.length, "request")), one.exchanges.map((exchange) => json(exchange)));
}

function none(look) {
  return h(
    "div",
    { class: "empty" },
    h("p", { class: "empty-title" }, "No report was made yet"),
    h("p", { class: "soft" }, "Run the contract suite and start the sandbox with the folder it wrote to:"),
    h("pre", { class: "json", tabindex: "0" }, "bardge-contract run --report report/\nbardge-sandbox serve --report report/"),
    h("p", { class: "above" }, h("button", { type: "button", "data-key": "look", onclick: look }, "Look again")),
  );
}
