// Worlds: made, switched to, reset, remembered, branched and dropped.

import { act, escape, get, text } from "./control.js";
import { copy, download, empty, field, h, pill, select, table } from "./dom.js";
import { live } from "./live.js";
import { ask, attempt, say } from "./talk.js";
import { moment } from "./words.js";

export const worlds = { name: "worlds", title: "Worlds", key: "o", open };

function open(place, here) {
  place.append(h("header", { class: "head" }, h("h1", {}, "Worlds"), h("span", { class: "spacer" }), h("button", { type: "button", class: "primary", onclick: () => create(here) }, "New world")));
  const load = async () => ({
    worlds: await get("/worlds"),
    snapshots: await get(`/worlds/${escape(here.world)}/snapshots`).catch(() => ({ data: [] })),
  });
  return live(place, load, ({ worlds: all, snapshots }) => [
    table("Worlds, the oldest first", ["World", "Time there", "Scenario", "Keys", ""], all.data.map((one) => row(one, here))),
    h("header", { class: "head above" }, h("h2", {}, `Snapshots of ${here.world}`), h("span", { class: "spacer" }), h("button", { type: "button", "data-key": "take", onclick: () => take(here) }, "Take a snapshot"), h("button", { type: "button", "data-key": "export", onclick: () => exportWorld(here) }, "Export")),
    snapshots.data.length ? table("Snapshots, the oldest first", ["Name", "Time there", "Taken", ""], snapshots.data.map((one) => snapshotRow(one, here))) : empty("No snapshots", "A snapshot remembers data, clock, faults and answers exactly; go back to it as often as you like."),
  ]);
}

function row(one, here) {
  const present = one.id === here.world;
  const keys = one.accounts.filter((account) => account.api_key);
  return [
    [h("a", { href: here.path("requests", null, one.id), "data-row": true, "data-key": `world-${one.id}` }, h("b", {}, one.id)), present ? [" ", pill("ok", "shown here")] : null, h("p", { class: "soft small" }, `seed ${one.seed}${one.ttl_seconds ? `, dropped after ${one.ttl_seconds} s idle` : ""}`)],
    [h("span", { class: "numbers" }, moment(one.now)), one.running ? null : h("p", {}, pill("refused", "standing still"))],
    one.scenario ?? h("span", { class: "soft" }, "none"),
    h("ul", { class: "covers" }, keys.map((account) => h("li", {}, h("button", { type: "button", class: "plain mono small", title: `Copy the key of ${account.name}`, "data-key": `key-${one.id}-${account.id}`, onclick: async () => { await copy(account.api_key); say(`Copied the key of ${account.name}.`); } }, account.api_key), account.enabled ? null : h("span", { class: "soft small" }, "switched off")))),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", "data-key": `reset-${one.id}`, "aria-label": `Reset ${one.id}`, onclick: () => reset(one, here) }, "Reset"),
      one.id === "default" ? null : h("button", { type: "button", class: "plain", "data-key": `drop-${one.id}`, "aria-label": `Drop ${one.id}`, onclick: () => drop(one, here) }, "Drop"),
    ),
  ];
}

function snapshotRow(one, here) {
  const base = `/worlds/${escape(here.world)}/snapshots/${escape(one.name)}`;
  const restore = () => attempt(() => act("POST", `${base}/restore`), (world) => `${here.world} is as it was, ${moment(world.now)}.`);
  const forget = () => attempt(() => act("DELETE", base), () => "Forgotten.");
  return [
    h("b", { class: "mono" }, one.name),
    h("span", { class: "numbers" }, moment(one.now)),
    h("span", { class: "soft" }, moment(one.taken_at)),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", "data-row": true, "data-key": `restore-${one.name}`, onclick: restore, "aria-label": `Restore ${one.name}` }, "Restore"),
      h("button", { type: "button", class: "plain", "data-key": `branch-${one.name}`, onclick: () => create(here, one), "aria-label": `Branch from ${one.name}` }, "Branch"),
      h("button", { type: "button", class: "plain", "data-key": `forget-${one.name}`, onclick: forget, "aria-label": `Forget ${one.name}` }, "Forget"),
    ),
  ];
}

async function scenarioNames() {
  const { data } = await get("/scenarios").catch(() => ({ data: [] }));
  return data.map((one) => [one.name, `${one.name}: ${one.title}`]);
}

async function create(here, snapshot = null) {
  const id = h("input", { pattern: "[A-Za-z0-9_.:\\-]{1,64}", placeholder: "chosen for you" });
  const seed = h("input", { type: "number", min: "0", placeholder: "the server's" });
  const now = h("input", { type: "datetime-local" });
  const frozen = h("input", { type: "checkbox" });
  const scenario = select([["", "none: the cast as it is"], ...(snapshot ? [] : await scenarioNames())], {});
  const content = snapshot
    ? [h("p", { class: "soft" }, `It begins as ${here.world} was when “${snapshot.name}” was taken.`), field("Name", id)]
    : [field("Name", id), field("Scenario", scenario), h("div", { class: "pair" }, field("Its clock starts, in Lagos", now, "Empty: now."), field("Seed", seed, "Another seed, another crowd.")), h("label", { class: "choice" }, frozen, "The clock stands still")];
  if (!(await ask(snapshot ? "A branch" : "A new world", content, "Make it"))) return;
  const wanted = {};
  if (id.value) wanted.id = id.value;
  if (snapshot) wanted.from_snapshot = `${here.world}@${snapshot.name}`;
  if (scenario.value) wanted.scenario = scenario.value;
  if (seed.value) wanted.seed = Number(seed.value);
  if (now.value) wanted.now = `${now.value}:00+01:00`;
  if (frozen.checked) wanted.frozen = true;
  const made = await attempt(() => act("POST", "/worlds", wanted), (world) => `${world.id} is made.`);
  if (made) here.goto("worlds", null, made.id);
}

async function reset(one, here) {
  const scenario = select([["\u0000", `as it was made${one.scenario ? ` (${one.scenario})` : ""}`], ["", "into no situation"], ...(await scenarioNames())], {});
  if (!(await ask(`Reset ${one.id}?`, [h("p", {}, "The cast and the crowd as they were, the clock at its start, no faults, no messages, an empty journal. Keys and snapshots stay."), field("Into", scenario)], "Reset", { danger: true }))) return;
  const body = scenario.value === "\u0000" ? {} : { scenario: scenario.value || null };
  await attempt(() => act("POST", `/worlds/${escape(one.id)}/reset`, body), () => `${one.id} begins anew.`);
}

async function drop(one, here) {
  if (!(await ask(`Drop ${one.id}?`, h("p", {}, "With everything in it, its keys and its snapshots."), "Drop it", { danger: true }))) return;
  if (one.id === here.world) await here.leaveFor("default"); // nobody asks for what is about to go
  await attempt(() => act("DELETE", `/worlds/${escape(one.id)}`), () => `${one.id} is gone.`);
}

async function take(here) {
  const name = h("input", { required: true, pattern: "[A-Za-z0-9_.:\\-]{1,64}", value: `at-${new Date().toISOString().slice(11, 19).replaceAll(":", "")}` });
  if (!(await ask(`A snapshot of ${here.world}`, field("Name", name), "Take it"))) return;
  await attempt(() => act("POST", `/worlds/${escape(here.world)}/snapshots`, { name: name.value }), () => `${name.value} is taken.`);
}

async function exportWorld(here) {
  const file = await attempt(() => text(`/worlds/${escape(here.world)}/export`));
  if (file) download(`${here.world}.yaml`, file, "application/yaml");
}
