// What goes wrong on purpose, exactly as often as you say.

import { act, escape, get } from "./control.js";
import { empty, field, h, pill, select, table } from "./dom.js";
import { live } from "./live.js";
import { attempt } from "./talk.js";
import { faultInWords } from "./words.js";

const PRESETS = [
  { title: "Next call fails", says: "It answers 503 once, and nothing happens.", fault: { when: "before", status: 503, times: 1 } },
  { title: "Next answer gets lost", says: "The work is done and committed; then the connection is cut, once.", fault: { when: "after", drop: "connection", times: 1 } },
  { title: "Slow", says: "Every answer takes two seconds longer, until you remove it.", fault: { when: "after", delay_ms: 2000 } },
  { title: "Too many requests", says: "Three times 429 with Retry-After, then it works again.", fault: { when: "before", code: "rate_limited", times: 3 } },
];

export const faults = { name: "faults", title: "Faults", key: "f", open };

function open(place, here) {
  const operations = [["*", "every operation"], ...here.rules.operations.map((one) => one.id)];
  const which = select(operations, { "aria-label": "Operation" });
  const base = `/worlds/${escape(here.world)}/faults`;
  const add = (fault) => attempt(() => act("POST", base, { operation: which.value, ...fault }), () => `Set for ${which.value === "*" ? "every operation" : which.value}.`);
  const clear = () => attempt(() => act("DELETE", base), (done) => `${done.removed} removed.`);

  place.append(
    h("header", { class: "head" }, h("h1", {}, "Faults")),
    h(
      "section",
      { class: "card" },
      field("For", which),
      h("div", { class: "presets" }, PRESETS.map((one) => h("button", { type: "button", class: "preset", onclick: () => add(one.fault) }, h("b", {}, one.title), h("span", { class: "soft small" }, one.says)))),
      custom(add),
    ),
    h("header", { class: "head above" }, h("h2", {}, "Set now"), h("span", { class: "spacer" }), h("button", { type: "button", class: "plain", onclick: clear }, "Remove all")),
  );

  const draw = ({ data }) => {
    if (!data.length) return empty("Everything goes right", "No fault is set in this world.");
    const rows = data.map((one) => [
      one.operation === "*" ? "every operation" : h("span", { class: "mono" }, one.operation),
      h("span", {}, describe(one)),
      h("span", { class: "numbers" }, `${one.struck} of ${one.times ?? "any number of"} times`),
      spent(one) ? pill("quiet", "spent") : pill("fault", "armed"),
      h("button", { type: "button", class: "plain", "data-row": true, "data-key": one.id, "aria-label": `Remove the fault ${one.id}`, onclick: () => attempt(() => act("DELETE", `${base}/${escape(one.id)}`), () => "Removed.") }, "Remove"),
    ]);
    return table("Faults, in the order they are tried", ["Operation", "What happens", "Struck", "", ""], rows);
  };
  return live(place, () => get(base), draw);
}

const spent = (one) => one.times !== null && one.struck >= one.times;

function describe(one) {
  const parts = [one.when, one.status && `status=${one.status}`, one.code && `code=${one.code}`, one.delay_ms && `delay_ms=${one.delay_ms}`, one.drop && `drop=${one.drop}`].filter(Boolean);
  const words = faultInWords(parts.join("; "));
  const only = Object.entries(one.match).map(([name, value]) => `${name} is ${value}`);
  const extra = [only.length ? `only where ${only.join(" and ")}` : null, one.skip ? `after letting ${one.skip} pass` : null, one.probability === null ? null : `with a chance of ${one.probability}`].filter(Boolean);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${extra.length ? ` (${extra.join(", ")})` : ""}`;
}

function custom(add) {
  const when = select([["before", "Instead of the work"], ["after", "After the work is done"]], {});
  const status = h("input", { type: "number", min: "400", max: "599", placeholder: "503" });
  const code = h("input", { placeholder: "slot_unavailable", pattern: "[a-z][a-z0-9_]{0,63}" });
  const delay = h("input", { type: "number", min: "1", max: "300000", placeholder: "2000" });
  const drop = select([["", "It arrives"], ["connection", "The connection is cut"], ["half_body", "Half of it arrives"]], {});
  const times = h("input", { type: "number", min: "1", max: "1000000", placeholder: "any number" });
  const skip = h("input", { type: "number", min: "0", max: "1000000", placeholder: "0" });
  const client = h("input", { placeholder: "client_ada" });
  const set = (event) => {
    event.preventDefault();
    const fault = { when: when.value };
    for (const [name, input] of Object.entries({ status, delay_ms: delay, times, skip })) if (input.value !== "") fault[name] = Number(input.value);
    if (code.value) fault.code = code.value;
    if (drop.value) fault.drop = drop.value;
    if (client.value) fault.match = { client_id: client.value };
    add(fault);
  };
  return h(
    "details",
    { "data-key": "custom" },
    h("summary", {}, "Your own"),
    h(
      "form",
      { class: "grid", onsubmit: set },
      field("When", when),
      field("Status", status),
      field("Error code", code),
      field("Wait, in ms", delay),
      field("The answer", drop),
      field("How often", times),
      field("Let pass first", skip),
      field("Only for client", client),
      h("div", { class: "buttons" }, h("button", { type: "submit", class: "primary" }, "Set it")),
    ),
  );
}
