// Swagger UI does the bulk. Ours is what it cannot know: where each statement is from, and a key of this world.

import { Refused, get, whenTokenIsWanted } from "./control.js";
import { h } from "./dom.js";

const MARK = "x-provenance";
const DOCUMENT = "/_sandbox/reference/openapi.json";
const MEANS = {
  documented: "stated in the vendor's prose",
  sampled: "seen in a sample of the vendor's",
  menu: "named by the vendor, and nothing more is known",
  chosen: "our decision where the vendor is silent",
};

const select = document.getElementById("key");
const renderer = document.getElementById("renderer");

function provenance(marks) {
  return ({ React }) => {
    const badge = (kind) => (kind in MEANS ? React.createElement("span", { className: `provenance ${kind}`, title: MEANS[kind], key: "provenance" }, kind) : null);
    const beside = (kindOf) => (Original) => (props) => React.createElement(React.Fragment, null, React.createElement(Original, props), badge(kindOf(props)));
    const ofSchema = ({ schema }) => schema?.[MARK];
    return {
      wrapComponents: {
        OperationSummaryPath: beside(({ operationProps }) => marks[`${operationProps.get("method")} ${operationProps.get("path")}`]),
        JSONSchema202012KeywordType: beside(ofSchema),
        ResponseExtension: () => ({ xKey, xVal }) => (xKey === MARK ? badge(xVal) : null),
        ParameterExt: () => ({ xKey, xVal }) => (xKey === MARK ? badge(xVal) : null),
        OperationExt: () => ({ extensions }) => below(React, extensions.toJS()),
        // Extensions as raw keywords would say the same again, in the renderer's words.
        JSONSchema202012ExtensionKeywords: () => () => null,
      },
    };
  };
}

/** What an operation can answer when it says no, and the rules it keeps: each a link to what that means. */
function below(React, extensions) {
  const go = (event) => (location.hash = event.currentTarget.hash); // the renderer keeps links from leading anywhere
  const links = (names, kind) => names.map((name) => React.createElement("a", { href: `#${kind}-${name}`, key: name, onClick: go }, name));
  const line = (title, names, kind) => (names?.length ? React.createElement("p", { key: kind }, React.createElement("b", null, title), links(names, kind)) : null);
  return React.createElement("div", { className: "kept" }, line("Errors", extensions["x-codes"], "error"), line("Rules", extensions["x-rules"], "rule"));
}

/** A link to a rule opens it. */
function openRule() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName === "DETAILS") named.open = true;
}

function marksOf(document_) {
  const marks = {};
  for (const [path, operations] of Object.entries(document_.paths)) for (const [method, one] of Object.entries(operations)) if (one[MARK]) marks[`${method} ${path}`] = one[MARK];
  return marks;
}

/** The renderer leaves some of its controls without a name, and calls its own list the page's main part. */
const NAMES = [
  ["textarea.body-param__text", "aria-label", "Request body"],
  [".examples-select-element", "aria-label", "Example"],
  [".content-type", "aria-label", "Content type"],
  ["main", "role", "group"],
  ["main", "aria-label", "Operations by tag"],
];

new MutationObserver(() => {
  for (const [which, attribute, value] of NAMES) for (const one of renderer.querySelectorAll(`${which}:not([${attribute}])`)) one.setAttribute(attribute, value);
}).observe(renderer, { childList: true, subtree: true });

const [spec] = await Promise.all([fetch(DOCUMENT).then((response) => response.json()), readKeys()]);
renderer.replaceChildren();
const ui = window.SwaggerUIBundle({
  domNode: renderer,
  spec,
  deepLinking: false,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  layout: "BaseLayout",
  plugins: [provenance(marksOf(spec))],
  presets: [window.SwaggerUIBundle.presets.apis],
  showExtensions: true,
  supportedSubmitMethods: ["get", "post"],
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: begin,
});

select.addEventListener("change", () => {
  if (select.value) ui.preauthorizeApiKey("BearerKey", select.value);
  else ui.authActions.logout(["BearerKey"]);
});

/** `#book_class` opens that operation. */
function openNamed() {
  const name = decodeURIComponent(location.hash.slice(1));
  const found = spec.paths && Object.values(spec.paths).flatMap((path) => Object.values(path)).find((one) => one.operationId === name);
  if (!found) return;
  ui.layoutActions.show(["operations-tag", found.tags[0]], true);
  ui.layoutActions.show(["operations", found.tags[0], name], true);
  setTimeout(() => document.getElementById(`operations-${found.tags[0].replaceAll(" ", "_")}-${name}`)?.scrollIntoView(), 100);
}

window.addEventListener("hashchange", openNamed);
window.addEventListener("hashchange", openRule);
openRule();

async function readKeys() {
  whenTokenIsWanted(async () => null);
  try {
    const { data } = await get("/worlds");
    for (const world of data) for (const account of world.accounts) if (account.api_key) select.append(h("option", { value: account.api_key }, `${account.name}, world ${world.id}`));
  } catch (reason) {
    document.getElementById("key-note").textContent = reason instanceof Refused ? `${reason.message} The documented key is filled in.` : reason.message;
    select.append(h("option", { value: "sk_sandbox_demo" }, "demo"));
  }
  select.selectedIndex = Math.min(1, select.options.length - 1);
}

function begin() {
  select.dispatchEvent(new Event("change"));
  openNamed();
}
