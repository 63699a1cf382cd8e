// What the scripts need of a page, with a clock that the tests move. Imported before them.
const native = { setImmediate, setTimeout, clearTimeout, performance };

globalThis.window = globalThis;
globalThis.location = { pathname: '/' };
globalThis.document = { querySelector: () => null };

// Everything that waits for a promise and nothing else.
const settled = async () => { for (let i = 0; i < 3; i++) await new Promise((resolve) => native.setImmediate(resolve)); };

// Timers and performance.now() of its own, and a server that is there or not.
export class Page {
  now = 1000;
  online = true;
  #timers = new Map();
  #count = 0;

  constructor() {
    globalThis.setTimeout = (does, ms = 0, ...rest) => { this.#timers.set(++this.#count, { at: this.now + ms, does: () => does(...rest) }); return this.#count; };
    globalThis.clearTimeout = (id) => this.#timers.delete(id);
    globalThis.fetch = async () => { if (!this.online) throw new TypeError('no server'); return { ok: true }; };
    Object.defineProperty(globalThis, 'performance', { value: { now: () => this.now }, configurable: true });
  }
  async pass(ms) {
    await settled();
    const end = this.now + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, { at }]) => at <= end).sort(([a, { at: first }], [b, { at: second }]) => first - second || a - b)[0];
      if (!next) break;
      this.#timers.delete(next[0]);
      this.now = Math.max(this.now, next[1].at);
      next[1].does();
      await settled();
    }
    this.now = end;
  }
  close() {
    Object.assign(globalThis, { setTimeout: native.setTimeout, clearTimeout: native.clearTimeout });
    Object.defineProperty(globalThis, 'performance', { value: native.performance, configurable: true });
  }
}
