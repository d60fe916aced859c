// Clients as people think of them: who she is, what she holds, what she booked, what she was told.

import { act, escape, get } from "./control.js";
import { empty, field, h, pill, table } from "./dom.js";
import { live } from "./live.js";
import { ask, attempt } from "./talk.js";
import { OF_THE_CROWD, count, dayOf, fromNow, moment, money, timeOf } from "./words.js";

const PAGE = 50;
const ALL = 1000;
const TYPED = 150; // ms after the last letter

export const clients = { name: "clients", title: "Clients", key: "c", open };

function open(place, here) {
  let part = null;
  const turn = () => {
    part?.leave?.();
    place.replaceChildren();
    part = here.id ? dossier(place, here) : directory(place, here);
  };
  turn();
  return {
    turn,
    refresh: () => part.refresh?.(),
    close: () => here.id && here.goto("clients"),
    leave: () => part.leave?.(),
  };
}

// --- finding one ---

function directory(place, here) {
  let search = "";
  let limit = PAGE;
  let typing = 0;
  let known = false;
  const input = h("input", {
    type: "search",
    placeholder: "Search id, name, email, phone…  /",
    "aria-label": "Search clients",
    "data-search": true,
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        search = input.value.trim();
        limit = PAGE;
        shown.refresh();
      }, TYPED);
    },
  });
  const onlyKnown = h("label", { class: "choice" }, h("input", { type: "checkbox", onchange: (event) => { known = event.target.checked; shown.refresh(true); } }), "Only the cast, and yours");
  const load = () => get(`/worlds/${escape(here.world)}/clients?limit=${known ? ALL : limit}${search ? `&search=${escape(search)}` : ""}`);
  const draw = ({ data: found, total, next }) => {
    const data = known ? found.filter((one) => !OF_THE_CROWD.test(one.id)) : found;
    if (!data.length) return empty(search ? `Nobody fits “${search}”` : "Nobody lives here yet", search ? "Search looks in id, name, email and phone." : "Issue a pass, and its client appears.");
    const rows = data.map((one) => [
      h("a", { href: here.path("clients", one.id), "data-row": true, "data-key": one.id }, `${one.first_name} ${one.last_name}`),
      h("span", { class: "mono" }, one.id),
      one.passes.length ? one.passes.map((pass) => passPill(pass, pass.name)) : h("span", { class: "soft" }, "no pass"),
      String(one.balance),
      one.account,
      h("span", { class: "soft" }, one.email ?? one.phone ?? ""),
    ]);
    const more = next && !known ? h("button", { type: "button", "data-key": "more", onclick: () => { limit = Math.min(1000, limit + 200); shown.refresh(); } }, "Show more") : null;
    return [
      table("Clients, newest first", ["Name", "Id", "Passes", { text: "Credits", class: "number" }, "Reseller", "Contact"], rows),
      h("p", { class: "soft small below" }, `${data.length} of ${count(total, "client")} `, more),
    ];
  };
  place.append(h("header", { class: "head" }, h("h1", {}, "Clients")), h("div", { class: "filters", role: "search" }, input, onlyKnown));
  const shown = live(place, load, draw);
  return shown;
}

function passPill(pass, text) {
  const kind = { ACTIVE: "ok", EXPIRED: "refused", CANCELLED: "failed" }[pass.status];
  return h("span", { class: "pill-row" }, pill(kind, pass.status.toLowerCase()), " ", text);
}

// --- one of them ---

function dossier(place, here) {
  const load = () => get(`/worlds/${escape(here.world)}/clients/${escape(here.id)}`);
  return live(place, load, (her) => draw(her, here));
}

function draw(her, here) {
  const now = here.nowThere();
  return [
    h("p", { class: "crumbs" }, h("a", { href: here.path("clients"), "data-key": "back" }, "Clients"), " / ", h("span", { class: "mono" }, her.id)),
    h(
      "header",
      { class: "head" },
      h("h1", {}, `${her.first_name} ${her.last_name}`),
      h("span", { class: "soft" }, [her.email, her.phone].filter(Boolean).join(" · ")),
      h("span", { class: "spacer" }),
      h("span", { class: "soft small" }, `of ${her.account}, since ${dayOf(her.created_at)}`),
    ),
    h(
      "div",
      { class: "dossier" },
      h("div", {}, passes(her, now), bookings(her, here, now), codes(her, now)),
      h("div", {}, credits(her, here, now), ...asides(her, now), messages(her)),
    ),
  ];
}

const card = (title, tally, ...content) => h("section", { class: "card" }, h("h2", {}, title, tally ? h("span", { class: "soft small" }, ` ${tally}`) : null), content);

function passes(her, now) {
  if (!her.passes.length) return card("Passes", null, empty("No pass", "Nothing can be booked without one: issue_pass."));
  return card(
    "Passes",
    null,
    her.passes.map((pass) =>
      h(
        "article",
        { class: "pass" },
        h("h3", {}, passPill(pass, pass.name), " ", h("span", { class: "mono soft small" }, pass.id)),
        h("p", { class: "soft small" }, pass.started ? "" : `Starts ${moment(pass.starts_at)}. `, `${pass.status === "EXPIRED" && new Date(pass.expires_at) < now ? "Ended" : "Ends"} ${moment(pass.expires_at)}, ${fromNow(pass.expires_at, now)}. ${money(pass.price)}.`),
        pass.visits.map((one) => visits(one)),
        pass.bought.map((one) => h("p", { class: "small" }, `${count(one.count, "visit")} bought for ${one.category}, ${one.used} used, good until ${moment(one.lapses_at)}.`)),
      ),
    ),
  );
}

function visits(one) {
  const label = `${one.category} ${one.tiers.join(" and ").toLowerCase()}`;
  const said = one.allowed === null ? `${count(one.used, "visit")} used, no limit` : `${one.used} of ${one.allowed} used, ${one.left} left`;
  const period = one.period_ends_at ? `, until ${moment(one.period_ends_at)}` : "";
  return h(
    "div",
    { class: "visits" },
    h("span", {}, label),
    one.allowed === null ? h("span", { class: "meter endless" }) : meter(one.used, one.allowed, `${label}: ${said}`, one.left === 0 ? "full" : ""),
    h("span", { class: "soft small" }, said + period),
  );
}

function meter(part, whole, label, kind = "") {
  const share = whole ? Math.min(100, (100 * part) / whole) : 0;
  return h("span", { class: "meter", role: "img", "aria-label": label }, h("span", { class: kind, style: { width: `${share}%` } }));
}

function credits(her, here, now) {
  const { balance, lots, ledger } = her.credits;
  return card(
    "Credits",
    null,
    h("p", { class: "balance" }, h("b", { class: "numbers" }, balance.toLocaleString("en")), " ", h("span", { class: "soft" }, balance === 1 ? "credit" : "credits"), h("span", { class: "spacer" }), h("button", { type: "button", "data-key": "adjust", onclick: () => adjust(her, here) }, "Give or take")),
    lots.length
      ? table("Lots, in the order they are spent", ["Lot", "Left", "Expires", ""], lots.map((lot) => [
          h("span", {}, lot.source, " ", h("span", { class: "soft small mono" }, lot.source_id)),
          h("span", { class: "lot" }, h("span", { class: "numbers" }, `${lot.remaining} of ${lot.granted}`), meter(lot.remaining, lot.granted, `${lot.remaining} of ${lot.granted} left`)),
          lot.lapsed ? pill("refused", "lapsed") : lot.expires_at ? h("span", { title: moment(lot.expires_at) }, fromNow(lot.expires_at, now)) : "never",
          refundable(lot, her, here),
        ]))
      : null,
    ledger.length
      ? h("details", { "data-key": "ledger", open: true }, h("summary", {}, `Ledger, ${count(ledger.length, "line")}`), table("Ledger, newest first", [{ text: "Amount", class: "number" }, "What", "When"], ledger.slice(0, 100).map((line) => [
          h("span", { class: `numbers ${line.type === "CREDIT" ? "plus" : "minus"}` }, `${line.type === "CREDIT" ? "+" : "−"}${line.amount}`),
          line.description,
          h("span", { class: "soft small" }, moment(line.at)),
        ])))
      : h("p", { class: "soft" }, "The ledger is empty."),
  );
}

function refundable(lot, her, here) {
  const purchase = her.purchases.find((one) => one.id === lot.source_id);
  if (!purchase) return "";
  if (purchase.refunded_at) return pill("quiet", "refunded");
  const refund = async () => {
    const reason = h("input", { required: true, maxlength: "500", value: "Bought by mistake" });
    if (!(await ask(`Refund ${money(purchase.amount)}?`, [h("p", { class: "soft" }, "What is left of the lot is void, bonus included. What was used stays used."), field("Reason", reason)], "Refund", { danger: true }))) return;
    await attempt(() => act("POST", `/worlds/${escape(here.world)}/credit-purchases/${escape(purchase.id)}/refund`, { reason: reason.value }), (done) => `${done.voided} credits voided, ${done.used} were used. Balance ${done.balance}.`);
  };
  return h("button", { type: "button", class: "plain", "data-key": `refund-${purchase.id}`, onclick: refund }, "Refund");
}

async function adjust(her, here) {
  const amount = h("input", { type: "number", required: true, min: "-1000000", max: "1000000", value: "5" });
  const reason = h("input", { required: true, maxlength: "500", placeholder: "The shower was cold" });
  if (!(await ask(`Credits of ${her.first_name} ${her.last_name}`, [field("How many", amount, "Below zero takes some away."), field("Reason", reason, "The ledger keeps it.")], "Adjust"))) return;
  await attempt(() => act("POST", `/worlds/${escape(here.world)}/clients/${escape(her.id)}/credits/adjust`, { amount: Number(amount.value), reason: reason.value }), (now) => `The balance is ${now.balance}.`);
}

const BOOKING_KINDS = { PENDING: "replayed", CONFIRMED: "ok", COMPLETED: "quiet", CANCELLED: "failed", RESCHEDULED: "quiet" };

function bookings(her, here, now) {
  if (!her.bookings.length) return card("Bookings", null, empty("No bookings", "book_class or book_spa makes the first."));
  const sorted = [...her.bookings].sort((a, b) => (a.starts_at < b.starts_at ? 1 : -1));
  const ahead = sorted.filter((one) => new Date(one.starts_at) > now);
  const line = (one) =>
    h(
      "li",
      { class: `moment ${one.status.toLowerCase()}` },
      h("p", {}, h("b", {}, one.title), " ", pill(BOOKING_KINDS[one.status], one.no_show ? "no-show" : one.status.toLowerCase())),
      h("p", { class: "soft small" }, `${dayOf(one.starts_at)}, ${timeOf(one.starts_at)} to ${timeOf(one.ends_at)} at ${one.provider_name}. ${paid(one.payment)}`, one.refund ? ` Returned: ${returned(one.refund)}.` : ""),
      h("p", { class: "small" }, h("span", { class: "mono soft" }, one.id), one.made_by === her.account ? null : ` made by ${one.made_by}`, deskActs(one, here)),
    );
  const mark = h("li", { class: "moment now" }, h("p", { class: "small" }, `Now, ${moment(now)}`));
  return card("Bookings", String(her.bookings.length), h("ol", { class: "timeline" }, ahead.map(line), mark, sorted.slice(ahead.length).map(line)));
}

function paid({ visits, credits: spent, copay_amount: copay }) {
  const parts = [visits ? count(visits, "visit") : null, spent ? count(spent, "credit") : null, copay ? `a co-pay of ${money(copay)}` : null].filter(Boolean);
  return parts.length ? `Paid with ${parts.join(" and ")}.` : "Nothing was taken.";
}

function returned({ visits, credits: back, amount }) {
  return [visits ? count(visits, "visit") : null, back ? count(back, "credit") : null, amount ? money(amount) : null].filter(Boolean).join(", ") || "nothing";
}

function deskActs(booking, here) {
  const change = (body, said) => attempt(() => act("PATCH", `/worlds/${escape(here.world)}/bookings/${escape(booking.id)}`, body), said);
  const button = (text, body, said) => h("button", { type: "button", class: "plain small", "data-key": `${booking.id}-${text}`, onclick: () => change(body, said) }, text);
  if (booking.status === "PENDING") return [button("Confirm", { status: "CONFIRMED" }, "Confirmed."), button("No-show", { no_show: true }, "Marked as a no-show.")];
  if (booking.status === "CONFIRMED") return [button("Complete", { status: "COMPLETED" }, "Completed."), button("No-show", { no_show: true }, "Marked as a no-show.")];
  return null;
}

function codes(her, now) {
  if (!her.access_codes.length) return null;
  return card(
    "Access codes",
    String(her.access_codes.length),
    h("ul", { class: "codes" }, her.access_codes.map((one) =>
      h(
        "li",
        { class: one.status === "GOOD" ? "" : "spent" },
        h("img", { src: safeImage(one.qr_code), alt: `QR code of ${one.code}`, width: "112", height: "112" }),
        h("div", {}, h("p", { class: "mono code" }, one.code), pill({ GOOD: "ok", USED: "quiet", EXPIRED: "refused" }[one.status], one.status.toLowerCase()), h("p", { class: "soft small" }, one.provider_id), h("p", { class: "soft small" }, one.used_at ? `used ${moment(one.used_at)}` : `until ${moment(one.expires_at)}, ${fromNow(one.expires_at, now)}`)),
      ))),
  );
}

const safeImage = (uri) => (uri.startsWith("data:image/") ? uri : "");

function asides(her, now) {
  const until = (at) => h("span", { class: "soft small", title: moment(at) }, fromNow(at, now));
  const short = (title, all, heads, row) => (all.length ? card(title, String(all.length), table(title, heads, all.map(row))) : null);
  return [
    short("Co-pays", her.copays, ["Type", "Provider", "Paid", "Used", "Until"], (one) => [one.type, one.provider_id, money(one.amount), `${one.used}${one.visits === null ? "" : ` of ${one.visits}`}`, one.running ? until(one.valid_until) : pill("quiet", "over")]),
    short("Sessions under way", her.sessions, ["Opens", "Due", "Status", "Until"], (one) => [`${one.opens} at ${one.provider_id}`, one.due.toLowerCase(), pill(one.status === "OPEN" ? "ok" : "quiet", one.status.toLowerCase()), until(one.expires_at)]),
    short("Quotes", her.quotes, ["Spa", "Amount", "Status", "Until"], (one) => [one.provider_id, money(one.amount), pill(one.status === "OPEN" ? "ok" : "quiet", one.status.toLowerCase()), until(one.expires_at)]),
    short("Check-ins", her.check_ins, ["Where", "Took", "When"], (one) => [one.provider_id, one.credits_deducted ? count(one.credits_deducted, "credit") : count(one.visits_deducted, "visit"), moment(one.at)]),
    short("Lookups", her.lookups, ["Asked by", "Status", "Wrong codes", "Until"], (one) => [one.asked_by, pill({ VERIFIED: "ok", PENDING: "replayed" }[one.status] ?? "refused", one.status.toLowerCase()), String(one.wrong_attempts), until(one.expires_at)]),
  ];
}

function messages(her) {
  return card(
    "Messages she received",
    null,
    her.messages.length
      ? h("ul", { class: "messages" }, her.messages.map((one) => h("li", {}, h("p", {}, one.text), h("p", { class: "soft small" }, moment(one.at), one.code ? [" · code ", h("b", { class: "mono" }, one.code)] : null))))
      : h("p", { class: "soft" }, "Nothing was sent to her phone."),
  );
}
