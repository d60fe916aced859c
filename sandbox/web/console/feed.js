// The journal as it grows. One short question five times a second; it costs the server next to nothing when nothing happens.

import { get, escape } from "./control.js";

const KEPT = 2000; // entries held here; the server keeps fewer
const EVERY = 200; // ms, while somebody is looking
const EVERY_ASIDE = 1000; // ms, while another view is open
const PAGE = 500;
const LOOK_BACK = 1000; // ms; several processes carry their entries in a little late
const LOOK_BACK_EACH = 5; // polls

export class Feed extends EventTarget {
  constructor(world) {
    super();
    this.world = world;
    this.entries = []; // newest first
    this.ids = new Set();
    this.loaded = false;
    this.watched = false;
    this.polls = 0;
    this.stopped = false;
    this.timer = setTimeout(() => this.poll(), 0);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  watch(watched) {
    this.watched = watched;
    if (watched) this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    if (!this.running) this.timer = setTimeout(() => this.poll(), 0);
  }

  async poll() {
    this.running = true;
    try {
      if (!document.hidden) await this.look();
      this.trouble = null;
    } catch (reason) {
      this.trouble = reason;
      if (!this.loaded) this.tell([]);
    }
    this.running = false;
    if (!this.stopped) this.timer = setTimeout(() => this.poll(), this.trouble ? EVERY_ASIDE : this.watched ? EVERY : EVERY_ASIDE);
  }

  async look() {
    const newest = this.entries[0];
    if (!this.loaded || !newest) return this.reload();
    const back = ++this.polls % LOOK_BACK_EACH === 0 ? LOOK_BACK : 0;
    const since = new Date(new Date(newest.at).getTime() - back).toISOString();
    const page = await get(`/worlds/${escape(this.world)}/requests?limit=${PAGE}&since=${escape(since)}`);
    const stillThere = page.data.some((entry) => entry.id === newest.id);
    if (!stillThere || page.total > page.data.length) return this.reload(); // emptied, reset, or far behind
    this.add(page.data);
  }

  async reload() {
    const page = await get(`/worlds/${escape(this.world)}/requests?limit=1000`);
    const known = this.ids;
    const first = !this.loaded;
    this.loaded = true;
    const same = page.data.length === this.entries.length && page.data[0]?.id === this.entries[0]?.id;
    if (same && !first) return;
    this.entries = page.data;
    this.ids = new Set(page.data.map((entry) => entry.id));
    this.tell(first ? [] : page.data.filter((entry) => !known.has(entry.id)), true);
  }

  add(page) {
    const fresh = page.filter((entry) => !this.ids.has(entry.id));
    if (!fresh.length) return;
    for (const entry of fresh) this.ids.add(entry.id);
    this.entries = [...fresh, ...this.entries].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    for (const gone of this.entries.splice(KEPT)) this.ids.delete(gone.id);
    this.tell(fresh);
  }

  tell(fresh, anew = false) {
    this.dispatchEvent(new CustomEvent("news", { detail: { fresh, anew } }));
  }
}
