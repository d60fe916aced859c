// How times, money and outcomes are said.

import { h } from "./dom.js";

export const OF_THE_CROWD = /_[0-9a-f]{16}$/; // the cast has names, the crowd around it numbers

const ZONE = "Africa/Lagos";
const day = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, weekday: "short", day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const here = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const dateParts = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });
const naira = new Intl.NumberFormat("en-NG", { style: "currency", currency: "NGN", minimumFractionDigits: 0, maximumFractionDigits: 2 });

export const moment = (at) => (at ? `${day.format(new Date(at))}, ${time.format(new Date(at))}` : "never");
export const momentToTheSecond = (at) => `${day.format(new Date(at))}, ${seconds.format(new Date(at))}`;
export const dayOf = (at) => day.format(new Date(at));
export const timeOf = (at) => time.format(new Date(at));
export const realTime = (at) => here.format(new Date(at));
export const dateOf = (at) => dateParts.format(new Date(at));
export const money = (kobo) => naira.format(kobo / 100);
export const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

const SPANS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

export function fromNow(at, now) {
  const gap = (new Date(at) - new Date(now)) / 1000;
  const [unit, size] = SPANS.find(([, size]) => Math.abs(gap) >= size) ?? SPANS.at(-1);
  return Math.abs(gap) < 1 ? "now" : relative.format(Math.trunc(gap / size), unit);
}

/** What became of a request: the class of its colour and shape, and its word. */
export function outcome(entry) {
  const lost = entry.fault?.includes("drop=");
  if (lost) return { kind: "fault", word: "Lost" };
  if (entry.replayed) return { kind: "replayed", word: "Replayed" };
  if (entry.status >= 500) return { kind: "failed", word: "Failed" };
  if (entry.status >= 400) return { kind: "refused", word: "Refused" };
  return { kind: "ok", word: "OK" };
}

const FAULT_WORDS = {
  before: "instead of the work",
  after: "after the work was done and committed",
};

/** `after; drop=connection` in plain words. */
export function faultInWords(text) {
  const [when, ...rest] = text.split("; ");
  const said = rest.map((part) => {
    const [name, value] = part.split("=");
    if (name === "drop") return value === "half_body" ? "the answer was cut off in the middle" : "the connection was cut, so the answer never arrived";
    if (name === "delay_ms") return `it waited ${value} ms`;
    if (name === "status") return `it answered ${value}`;
    return `it answered ${value}`;
  });
  return `${said.join(" and ")}, ${FAULT_WORDS[when] ?? when}.`;
}

const TIMES = /^(created|updated|scheduled_for|expires_at|start_date|token_expires_at|valid_until|timestamp|starts_at|ends_at|used_at|.*_at)$/;

/** A JSON value as lines of text with colours, and beside numbers that are times, which time they are. */
export function json(value) {
  const lines = [];
  write(value, "", "", null, lines);
  return h("pre", { class: "json", tabindex: "0" }, lines);
}

function write(value, indent, tail, key, out) {
  const name = key === null ? [] : [h("span", { class: "json-key" }, JSON.stringify(key)), ": "];
  if (value === null || typeof value !== "object") {
    const hint = key !== null && typeof value === "number" && TIMES.test(key) ? epoch(value) : null;
    out.push(indent, ...name, scalar(value), tail, hint ? h("span", { class: "json-hint" }, `  ${hint}`) : "", "\n");
    return;
  }
  const list = Array.isArray(value);
  const entries = list ? value.map((one) => [null, one]) : Object.entries(value);
  const [open, close] = list ? "[]" : "{}";
  if (!entries.length) {
    out.push(indent, ...name, open + close, tail, "\n");
    return;
  }
  out.push(indent, ...name, open, "\n");
  entries.forEach(([k, one], i) => write(one, `${indent}  `, i < entries.length - 1 ? "," : "", k, out));
  out.push(indent, close, tail, "\n");
}

function scalar(value) {
  if (typeof value === "string") {
    const shown = value.length > 400 ? `${value.slice(0, 60)}… (${value.length} characters)` : value;
    return h("span", { class: "json-text" }, JSON.stringify(shown));
  }
  return h("span", { class: "json-other" }, String(value));
}

function epoch(number) {
  const at = number > 1e11 ? number : number * 1000;
  return at > 9e11 && at < 9e12 ? `${moment(at)} in Lagos` : null;
}
