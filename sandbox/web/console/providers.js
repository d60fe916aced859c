// Gyms and spas: what covers them, and what opens them otherwise. No map.

import { escape, get } from "./control.js";
import { empty, h, pill, select, table } from "./dom.js";
import { live } from "./live.js";
import { count } from "./words.js";

const OPENS = {
  options: "Else a co-pay from its options.",
  quote: "Else a co-pay, by quote.",
  nothing: "Nothing else opens it.",
};

export const providers = { name: "providers", title: "Providers", key: "p", open };

function open(place, here) {
  let search = "";
  let kind = "";
  let typing = 0;
  const input = h("input", {
    type: "search",
    placeholder: "Search name, id, city…  /",
    "aria-label": "Search providers",
    "data-search": true,
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        search = input.value.trim();
        shown.refresh();
      }, 150);
    },
  });
  const kinds = select([["", "Gyms and spas"], ["GYM STANDARD", "Gyms, standard"], ["GYM PREMIUM", "Gyms, premium"], ["SPA STANDARD", "Spas, standard"], ["SPA PREMIUM", "Spas, premium"]], { "aria-label": "Category and tier", onchange: () => { kind = kinds.value; shown.refresh(true); } });
  place.append(h("header", { class: "head" }, h("h1", {}, "Providers")), h("div", { class: "filters", role: "search" }, input, kinds));
  const load = () => get(`/worlds/${escape(here.world)}/providers?limit=1000${search ? `&search=${escape(search)}` : ""}`);
  const draw = ({ data }) => {
    const fitting = data.filter((one) => !kind || `${one.category} ${one.tier}` === kind);
    if (!fitting.length) return empty("No provider fits", "Search looks in id, name and city.");
    return [
      table("Providers, by name", ["Provider", "Kind", "Covered by", { text: "Offers", class: "numbers" }, "Takes"], fitting.map(row)),
      h("p", { class: "soft small below" }, count(fitting.length, "provider")),
    ];
  };
  const shown = live(place, load, draw);
  return shown;
}

function row(one) {
  return [
    h("div", { "data-row": true, tabindex: "-1" }, h("b", {}, one.name), h("p", { class: "mono soft small" }, one.id), h("p", { class: "soft small" }, [one.address, one.city, one.country].filter(Boolean).join(", "))),
    [h("span", {}, `${one.category} `), pill("quiet", one.tier.toLowerCase())],
    h(
      "div",
      {},
      one.covered_by.length
        ? h("p", { class: "reasons" }, one.covered_by.map((pass) => pill("ok", pass.name, pass.id)))
        : h("p", {}, "No package."),
      h("p", { class: "soft small" }, one.covered_by.length ? `Each has a ${one.category} category with tier ${one.tier}. ${OPENS[one.copay]}` : `None has a ${one.category} category with tier ${one.tier}. ${OPENS[one.copay]}`),
    ),
    [one.classes ? h("p", {}, count(one.classes, "class", "classes")) : null, one.services ? h("p", {}, count(one.services, "service")) : null, one.rooms ? h("p", {}, count(one.rooms, "room")) : null],
    one.accepts_credits ? h("span", {}, one.check_in_credit_cost ? `credits, ${one.check_in_credit_cost} a check-in` : "credits") : h("span", { class: "soft" }, "visits"),
  ];
}
