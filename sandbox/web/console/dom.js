// Elements from data. Whatever is shown goes through text nodes: nothing that came from outside is ever markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...pieces(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
  else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function pieces(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** New content in an old place, without taking scroll or focus from whoever is reading. */
export function refill(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const scrolled = [...place.querySelectorAll("[data-scroll]")].map((one) => [one.dataset.scroll, one.scrollTop]);
  const open = [...place.querySelectorAll("details[data-key][open]")].map((one) => one.dataset.key);
  place.replaceChildren(...pieces(children));
  for (const key of open) {
    const one = place.querySelector(`details[data-key="${CSS.escape(key)}"]`);
    if (one) one.open = true;
  }
  for (const [name, top] of scrolled) {
    const one = place.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
    if (one) one.scrollTop = top;
  }
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export function pill(kind, text, title) {
  return h("span", { class: `pill ${kind}`, title }, text);
}

export function empty(title, ...hints) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), hints.length ? h("p", { class: "soft" }, hints) : null);
}

export function table(caption, heads, rows, attributes = {}) {
  const columns = heads.map((head) => (typeof head === "string" ? { text: head } : head));
  const head = h("tr", {}, columns.map((one) => h("th", { scope: "col", class: one.class }, one.text)));
  const cells = (row) => row.map((cell, i) => h("td", { class: columns[i].class, "data-label": columns[i].text }, cell));
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": caption, ...attributes },
    h(
      "table",
      {},
      h("caption", { class: "out-of-sight" }, caption),
      h("thead", {}, head),
      h("tbody", {}, rows.map((row) => (row instanceof Node ? row : h("tr", {}, cells(row))))),
    ),
  );
}

export function field(label, input, hint) {
  return h("label", { class: "field" }, h("span", { class: "field-label" }, label), input, hint ? h("span", { class: "soft small" }, hint) : null);
}

export function select(options, attributes = {}, chosen = undefined) {
  const made = options.map((one) => {
    const [value, text] = Array.isArray(one) ? one : [one, one];
    return h("option", { value, selected: value === chosen }, text);
  });
  return h("select", attributes, made);
}

export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "out-of-sight", value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function download(name, text, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
