// A week of classes, with the seats that are left.

import { act, escape, get } from "./control.js";
import { empty, field, h, pill, select } from "./dom.js";
import { live } from "./live.js";
import { ask, attempt } from "./talk.js";
import { OF_THE_CROWD, count, dateOf, moment } from "./words.js";

const DAY = 86_400_000;
const dayName = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

export const week = { name: "week", title: "Week", key: "w", open };

function open(place, here) {
  let from = null;
  let provider = "";
  let text = "";
  let cast = false;
  const span = h("span", { class: "soft" });
  const search = h("input", { type: "search", placeholder: "Search class or provider…  /", "aria-label": "Search sessions", "data-search": true, oninput: () => { text = search.value.trim().toLowerCase(); shown.refresh(true); } });
  const providers = select([["", "Every provider"]], { "aria-label": "Provider", onchange: () => { provider = providers.value; shown.refresh(); } });
  const go = (days) => () => {
    from = days === null ? null : new Date(new Date(`${from ?? dateOf(here.nowThere())}T00:00:00Z`).getTime() + days * DAY).toISOString().slice(0, 10);
    shown.refresh();
  };
  const castOnly = h("label", { class: "choice" }, h("input", { type: "checkbox", onchange: (event) => { cast = event.target.checked; shown.refresh(true); } }), "Only the cast");
  place.append(
    h("header", { class: "head" }, h("h1", {}, "Week"), span),
    h(
      "div",
      { class: "filters" },
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: go(-7), "aria-label": "The week before" }, "←"), h("button", { type: "button", onclick: go(null) }, "Today"), h("button", { type: "button", onclick: go(7), "aria-label": "The week after" }, "→")),
      search,
      providers,
      castOnly,
    ),
  );
  fillProviders();

  async function fillProviders() {
    const { data } = await get(`/worlds/${escape(here.world)}/providers?limit=1000`).catch(() => ({ data: [] }));
    providers.append(...data.filter((one) => one.classes).map((one) => h("option", { value: one.id }, one.name)));
  }

  const load = () => {
    const asked = [from ? `from=${from}` : null, provider ? `provider_id=${escape(provider)}` : null].filter(Boolean).join("&");
    return get(`/worlds/${escape(here.world)}/week${asked ? `?${asked}` : ""}`);
  };
  const draw = (told) => {
    span.textContent = `${dayName.format(new Date(told.from))} to ${dayName.format(new Date(told.to))}, ${count(told.total, "session")}`;
    if (!told.total) return empty("No classes in these days", "The crowd's classes lie around the world's start.");
    return h("div", { class: "week" }, told.data.map((day) => drawDay(day, here, (one) => (!cast || !OF_THE_CROWD.test(one.id)) && spoken(one).includes(text))));
  };
  const shown = live(place, load, draw);
  return shown;
}

function drawDay({ date, sessions }, here, fits) {
  const today = date === dateOf(here.nowThere());
  const fitting = sessions.filter(fits);
  return h(
    "section",
    { class: `day${today ? " today" : ""}`, "aria-label": dayName.format(new Date(date)) },
    h("h2", {}, dayName.format(new Date(date)), today ? h("span", { class: "out-of-sight" }, ", today") : null, h("span", { class: "soft small tally" }, String(fitting.length))),
    fitting.length ? fitting.map((one) => seat(one, here)) : h("p", { class: "soft small" }, "Nothing"),
  );
}

const spoken = (one) => `${one.class_name} ${one.provider_name} ${one.id}`.toLowerCase();

function seat(one, here) {
  const taken = one.capacity - one.spots_left;
  const said = one.status === "CANCELLED" ? "cancelled" : one.spots_left === 0 ? "full" : `${one.spots_left} of ${one.capacity} left`;
  const state = one.status === "SCHEDULED" ? (one.spots_left === 0 ? "full" : one.spots_left <= 2 ? "few" : "") : one.status.toLowerCase();
  return h(
    "button",
    { type: "button", class: `session ${state}`, "data-row": true, "data-key": one.id, title: one.id, onclick: () => session(one.id, here) },
    h("span", { class: "session-time numbers" }, one.time, one.credit_cost ? h("span", { class: "cost" }, `${one.credit_cost} cr`) : null),
    h("span", { class: "session-name" }, one.class_name),
    h("span", { class: "soft small" }, one.provider_name),
    h("span", { class: "meter" }, h("span", { class: one.spots_left === 0 ? "full" : "", style: { width: `${(100 * taken) / one.capacity}%` } })),
    h("span", { class: "small" }, one.status === "COMPLETED" ? `over, ${taken} came` : said),
  );
}

/** One session at the desk: who holds its seats, what it costs, and the studio's acts. */
async function session(id, here) {
  const path = `/worlds/${escape(here.world)}/class-instances/${escape(id)}`;
  const one = await attempt(() => get(path));
  if (!one) return;
  const cost = h("input", { type: "number", min: "0", max: "1000000", value: one.credit_cost_override ?? "", placeholder: one.credit_cost ?? "a visit" });
  const capacity = h("input", { type: "number", min: "1", max: "100000", required: true, value: String(one.capacity) });
  const why = h("input", { maxlength: "500", placeholder: "Guest teacher" });
  const cancel = h("input", { type: "checkbox" });
  const held = one.seats.length
    ? h("ul", { class: "seats" }, one.seats.map((seat) => h("li", {}, h("a", { href: here.path("clients", seat.client_id) }, seat.client_id), " ", h("span", { class: "mono soft small" }, seat.held_by), seat.until ? h("span", { class: "soft small" }, ` until ${moment(seat.until)}`) : null)))
    : h("p", { class: "soft" }, "Nobody booked through the API.");
  const scheduled = one.status === "SCHEDULED";
  const content = [
    h("p", {}, `${moment(one.starts_at)}. `, pill(scheduled ? "ok" : "quiet", one.status.toLowerCase()), ` ${one.spots_left} of ${one.capacity} seats left, ${one.taken_elsewhere} sold by the studio itself.`),
    h("p", { class: "mono soft small" }, `${one.id} of ${one.class_id} at ${one.provider_id}`),
    h("h3", {}, "Seats"),
    held,
    scheduled
      ? h("fieldset", {}, h("legend", {}, "At the studio's desk"), h("div", { class: "pair" }, field("Price in credits", cost, "Empty: the class's own."), field("Seats", capacity)), field("Why", why), h("label", { class: "choice" }, cancel, "Cancel this session. Its bookings are cancelled with it, and everything returns."))
      : null,
  ];
  if (!(await ask(one.class_name, content, scheduled ? "Change it" : null)) || !scheduled) return;
  const edit = cancel.checked ? { status: "CANCELLED" } : {};
  const wanted = cost.value === "" ? null : Number(cost.value);
  if (!cancel.checked && wanted !== one.credit_cost_override) edit.credit_cost = wanted;
  if (!cancel.checked && Number(capacity.value) !== one.capacity) edit.capacity = Number(capacity.value);
  if (!Object.keys(edit).length) return;
  if (why.value.trim()) edit.why = why.value.trim();
  await attempt(() => act("PATCH", path, edit), cancel.checked ? "Cancelled." : "Changed.");
}
