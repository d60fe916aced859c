// The other people in the story: the scanner at the door, the studio's desk, the reseller's dashboard.

import { act, escape, get } from "./control.js";
import { copy, empty, field, h, pill, table } from "./dom.js";
import { live } from "./live.js";
import { ask, attempt, say } from "./talk.js";
import { count, moment, money } from "./words.js";

export const desk = { name: "desk", title: "Desk", key: "d", open };

function open(place, here) {
  const base = `/worlds/${escape(here.world)}`;
  place.append(h("header", { class: "head" }, h("h1", {}, "Desk"), h("span", { class: "soft" }, "the scanner, the back office, the dashboard")), scanner(here, base));
  const load = async () => {
    const [accounts, packages, messages, visits, acts] = await Promise.all([
      get(`${base}/accounts`),
      get(`${base}/credit-packages`),
      get(`${base}/messages?limit=20`),
      get(`${base}/check-ins?limit=20`),
      get(`${base}/acts?limit=50`),
    ]);
    return { accounts, packages, messages, visits, acts };
  };
  return live(place, load, (told) => [
    h("header", { class: "head above" }, h("h2", {}, "Accounts")),
    table("Accounts", ["Account", "Key", { text: "Balance", class: "number" }, "State", ""], told.accounts.data.map((one) => accountRow(one, base))),
    h("header", { class: "head above" }, h("h2", {}, "Credit packages"), h("span", { class: "spacer" }), h("button", { type: "button", "data-key": "draft", onclick: () => draft(base) }, "Draft one")),
    table("Credit packages, newest first", ["Package", { text: "Credits", class: "number" }, { text: "Price", class: "number" }, "Expires", "State", ""], told.packages.data.map((one) => packageRow(one, base))),
    h("header", { class: "head above" }, h("h2", {}, "Phones"), h("span", { class: "soft small" }, "what was sent to clients, lookup codes among it")),
    told.messages.data.length ? table("Messages, newest first", ["When", "Client", "Message"], told.messages.data.map((one) => [moment(one.at), h("a", { href: here.path("clients", one.client_id) }, one.client_id), one.text])) : empty("Nothing was sent", "initiate_lookup sends a code to the client's phone."),
    h("header", { class: "head above" }, h("h2", {}, "Who came in")),
    told.visits.data.length ? table("Check-ins, newest first", ["When", "Client", "Where", "Took"], told.visits.data.map((one) => [moment(one.at), h("a", { href: here.path("clients", one.client_id) }, one.client_id), one.provider_id, one.credits_deducted ? count(one.credits_deducted, "credit") : count(one.visits_deducted, "visit")])) : empty("Nobody yet", "Make an access code with create_access_code, and hold it to the scanner."),
    h("header", { class: "head above" }, h("h2", {}, "Who did what, and why")),
    told.acts.data.length ? table("Acts, newest first", ["When", "Who", "What", "Why"], told.acts.data.map((one) => [moment(one.at), one.who, [one.what, " ", h("span", { class: "mono soft small" }, one.subject)], one.why])) : empty("Nothing was done at the desk"),
  ]);
}

function scanner(here, base) {
  const code = h("input", { required: true, maxlength: "100", placeholder: "7F3K9Q2M", class: "mono", autocomplete: "off" });
  const provider = h("input", { required: true, value: "prov_fitzone", list: "scanner-providers", class: "mono" });
  const known = h("datalist", { id: "scanner-providers" });
  const lamp = h("p", { class: "lamp", role: "status" });
  get(`${base}/providers?limit=1000`).then(({ data }) => known.append(...data.map((one) => h("option", { value: one.id }, one.name))), () => {});
  const scan = async (event) => {
    event.preventDefault();
    try {
      const came = await act("POST", `${base}/check-ins`, { access_code: code.value.trim(), provider_id: provider.value.trim() });
      const took = came.credits_deducted ? count(came.credits_deducted, "credit") : count(came.visits_deducted, "visit");
      lamp.replaceChildren(pill("ok", "The door opens"), ` ${took} taken from `, h("a", { href: here.path("clients", came.client_id) }, came.client_id), ".");
    } catch (reason) {
      lamp.replaceChildren(pill("refused", reason.code ?? "no answer"), ` ${reason.message}`);
    }
  };
  return h("section", { class: "card" }, h("h2", {}, "Scanner"), h("form", { class: "inline", onsubmit: scan }, field("Access code", code), field("At", provider), known, h("button", { type: "submit", class: "primary" }, "Scan")), lamp);
}

function accountRow(one, base) {
  const change = (body, said) => attempt(() => act("PATCH", `${base}/accounts/${escape(one.id)}`, body), said);
  const balance = async () => {
    const amount = h("input", { type: "number", min: "0", max: "9007199254740991", required: true, value: String(one.balance) });
    if (await ask(`Balance of ${one.name}`, field("In kobo", amount), "Set it")) await change({ balance: Number(amount.value) }, (now) => `It holds ${money(now.balance)}.`);
  };
  const rotate = async () => {
    if (await ask(`Rotate the key of ${one.name}?`, h("p", {}, "From this moment the old key is refused."), "Rotate", { danger: true })) await attempt(() => act("POST", `${base}/accounts/${escape(one.id)}/rotate-key`), () => "Rotated. The new key is in the table.");
  };
  const take = async () => {
    await copy(one.api_key);
    say(`Copied the key of ${one.name}.`);
  };
  return [
    [h("b", {}, one.name), h("p", { class: "mono soft small" }, one.issuer_id)],
    one.api_key ? h("button", { type: "button", class: "plain mono small", "data-key": `copy-${one.id}`, title: "Copy", onclick: take }, one.api_key) : h("span", { class: "soft" }, "none"),
    money(one.balance),
    [one.enabled ? pill("ok", "enabled") : pill("failed", "switched off"), " ", pill("quiet", one.lookup_enabled ? "lookup on" : "lookup off")],
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "plain", "data-key": `able-${one.id}`, "data-row": true, onclick: () => change({ enabled: !one.enabled }, one.enabled ? `${one.name} is switched off.` : `${one.name} is enabled.`) }, one.enabled ? "Switch off" : "Enable"),
      h("button", { type: "button", class: "plain", "data-key": `look-${one.id}`, onclick: () => change({ lookup_enabled: !one.lookup_enabled }, "Changed.") }, one.lookup_enabled ? "Lookup off" : "Lookup on"),
      h("button", { type: "button", class: "plain", "data-key": `fill-${one.id}`, onclick: balance }, "Balance"),
      h("button", { type: "button", class: "plain", "data-key": `rotate-${one.id}`, onclick: rotate }, "Rotate key"),
    ),
  ];
}

function packageRow(one, base) {
  const path = `${base}/credit-packages/${escape(one.id)}`;
  const publish = one.state !== "PUBLISHED";
  const turn = () => attempt(() => act("POST", `${path}/${publish ? "publish" : "archive"}`), () => (publish ? `${one.name} is on sale.` : `${one.name} is off sale.`));
  return [
    [h("b", {}, one.name), h("p", { class: "mono soft small" }, one.id)],
    `${one.credits}${one.bonus_credits ? ` + ${one.bonus_credits}` : ""}`,
    money(one.amount),
    one.expires_in_days ? `${one.expires_in_days} days after` : "never",
    pill({ DRAFT: "replayed", PUBLISHED: "ok", ARCHIVED: "quiet" }[one.state], one.state.toLowerCase()),
    h("button", { type: "button", class: "plain", "data-key": `turn-${one.id}`, "data-row": true, "aria-label": `${publish ? "Publish" : "Archive"} ${one.name}`, onclick: turn }, publish ? "Publish" : "Archive"),
  ];
}

async function draft(base) {
  const name = h("input", { required: true, maxlength: "100", placeholder: "Summer 25" });
  const credits = h("input", { type: "number", required: true, min: "1", max: "1000000", value: "25" });
  const bonus = h("input", { type: "number", min: "0", max: "1000000", value: "0" });
  const amount = h("input", { type: "number", required: true, min: "0", value: "2000000" });
  const days = h("input", { type: "number", min: "1", max: "36500", placeholder: "never" });
  if (!(await ask("Draft a credit package", [field("Name", name), h("div", { class: "pair" }, field("Credits", credits), field("Bonus", bonus)), h("div", { class: "pair" }, field("Price in kobo", amount), field("Expires after days", days))], "Draft it"))) return;
  const wanted = { name: name.value, credits: Number(credits.value), bonus_credits: Number(bonus.value), amount: Number(amount.value) };
  if (days.value) wanted.expires_in_days = Number(days.value);
  await attempt(() => act("POST", `${base}/credit-packages`, wanted), () => "Drafted. Nobody sees it until it is published.");
}
