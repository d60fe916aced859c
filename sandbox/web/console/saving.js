// A stretch of the journal becomes a scenario file.

import { act, escape } from "./control.js";
import { copy, download, field, h } from "./dom.js";
import { ask, attempt, say } from "./talk.js";
import { count } from "./words.js";

/** From the list: what it shows. From one entry: that one, or everything up to it. */
export async function saveAsScenario(here, shown, one = null) {
  if (!shown.length && !one) return say("There is nothing to save yet.", "refused");
  const title = h("input", { name: "title", required: true, maxlength: "100", value: one ? `${one.operation ?? one.path} answers ${one.status}` : "What just happened" });
  const upTo = one ? shown.slice(shown.findIndex((entry) => entry.id === one.id)) : shown;
  const scopes = one
    ? [["one", "This request only"], ["upto", `Everything up to it (${count(upTo.length, "request")})`]]
    : [["upto", `What is shown (${count(shown.length, "request")})`]];
  const radios = scopes.map(([value, label], i) => h("label", { class: "choice" }, h("input", { type: "radio", name: "scope", value, checked: i === 0 }), label));
  if (!(await ask("Save as scenario", [field("Title", title), h("fieldset", {}, h("legend", {}, "Which requests"), radios)], "Make it"))) return;
  const alone = radios[0].firstChild.checked && one;
  const ids = (alone ? [one] : upTo).slice(0, 1000).map((entry) => entry.id);
  const made = await attempt(() => act("POST", `/worlds/${escape(here.world)}/scenarios/record`, { title: title.value.trim() || "Untitled", requests: ids }));
  if (!made) return;
  const name = `${made.title.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "") || "scenario"}.yaml`;
  await ask(
    `${count(made.steps, "step")}, ready to keep`,
    [
      h("p", { class: "soft" }, "Nothing was written on the server. Keep the text as ", h("code", {}, `scenarios/${name}`), "."),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", class: "primary", onclick: () => download(name, made.text, "application/yaml") }, "Download"),
        h("button", { type: "button", onclick: async () => { await copy(made.text); say("Copied."); } }, "Copy"),
      ),
      h("pre", { class: "json tall", tabindex: "0" }, made.text),
    ],
    null,
    { wide: true },
  );
}
