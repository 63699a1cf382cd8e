// What a request needs of the page: who asks, timers by name, and whether the server is there.
const SERVER_MS = 2000;   // between two looks

export function newVisitor() { return Array.from(crypto.getRandomValues(new Uint8Array(12)), (v) => v.toString(16).padStart(2, '0')).join(''); }

export function reachable() { return fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false); }

export function createTimers() {
  const running = new Map();
  function clear(...names) {
    for (const name of names) { clearTimeout(running.get(name)); running.delete(name); }
  }
  return {
    clear,
    set(name, ms, does) { clear(name); running.set(name, setTimeout(() => { running.delete(name); does(); }, ms)); },
    has: (...names) => names.some((name) => running.has(name)),
  };
}

// A connection that is refused or cut does not reach Gradio's failure event, so the page looks while somebody waits.
export function watchServer({ timers, waits, lost }) {
  timers.set('server', SERVER_MS, async () => {
    if (!waits()) return;
    const there = await reachable();
    if (!waits()) return;
    if (there) watchServer({ timers, waits, lost }); else lost();
  });
}
export function awaitServer({ timers, awake, back }) {
  timers.set('back', SERVER_MS, async () => { if ((await reachable()) && (await awake())) back(); else awaitServer({ timers, awake, back }); });
}
