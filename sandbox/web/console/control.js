// The control API, and nothing else. A token, if the server wants one, is asked for once and kept for this tab only.

const TOKEN = "control-token";
const PATIENCE = 30_000; // ms, for a look; what changes something is waited for

export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? `The sandbox answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? "unknown";
  }
}

export class Away extends Error {
  constructor() {
    super("The sandbox does not answer.");
  }
}

/** Tells who listens: `away` and `back` of the server, `acted` when the console changed something. */
export const wire = new EventTarget();

let away = false;
let askForToken = async () => null;
let asking = null;

export function whenTokenIsWanted(ask) {
  askForToken = ask;
}

export const get = (path) => ask("GET", path);
export const text = (path) => ask("GET", path, undefined, "text");

export async function act(method, path, body) {
  const answer = await ask(method, path, body);
  wire.dispatchEvent(new Event("acted"));
  return answer;
}

async function ask(method, path, body, as = "json") {
  const response = await reach(method, path, body);
  if (response.status === 401 && (await gotToken())) return ask(method, path, body, as);
  if (!response.ok) throw new Refused(response.status, (await read(response))?.error);
  return as === "text" ? response.text() : read(response);
}

async function reach(method, path, body) {
  const headers = {};
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const signal = method === "GET" ? AbortSignal.timeout(PATIENCE) : undefined;
    const response = await fetch(`/_sandbox${path}`, { method, headers, body: sent, cache: "no-store", signal });
    tell(false);
    return response;
  } catch {
    tell(true);
    throw new Away();
  }
}

async function read(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

async function gotToken() {
  asking ??= askForToken().finally(() => {
    asking = null;
  });
  const token = await asking;
  if (token) sessionStorage.setItem(TOKEN, token);
  return Boolean(token);
}

function tell(isAway) {
  if (isAway === away) return;
  away = isAway;
  wire.dispatchEvent(new Event(away ? "away" : "back"));
}

export const escape = encodeURIComponent;
