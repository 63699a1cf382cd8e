// The one object the page's components meet on. Gradio mounts them in any order, and tabs lazily, so nobody looks for
// anybody: each takes its task by name, listens, and hears the last word of those who spoke before.
window.onestroke ??= (() => {
  const WRITE_MS = 1000; // Gradio takes a few; a page that lost its controls goes on all the same
  const tasks = new Map();
  const targets = [];

  function createTask(name) {
    const listeners = new Map();
    const last = new Map();
    const actions = {};
    const writers = [];
    const readers = [];
    return {
      name,
      actions,
      settings: {},      // what the Gradio controls say: look, steps, strength, seed
      locked: true,      // the seed stays while painting
      on(event, listener) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event).add(listener);
        if (last.has(event)) listener(last.get(event));
      },
      emit(event, detail, { keep = false } = {}) {
        if (keep) last.set(event, detail);
        for (const listener of listeners.get(event) ?? []) listener(detail);
      },
      // A Gradio control changed. A value that is already known was set by us and says nothing new.
      set(key, value) {
        if (this.settings[key] === value) return;
        this.settings[key] = value;
        this.emit('settings', this.settings, { keep: true });
        this.emit('setting', { key, value });
      },
      // Write into the Gradio controls. `quiet`: as if they had stood there all along. Resolves when they hold the values:
      // a request that is made earlier would carry the old ones.
      write(values, { quiet = false } = {}) {
        this.wanted = { ...this.settings, ...values };
        if (quiet) this.settings = { ...this.wanted };
        this.emit('settings', this.wanted, { keep: true });
        const written = new Promise((resolve) => writers.push(resolve));
        this.emit('write');
        return Promise.race([written, new Promise((resolve) => setTimeout(resolve, WRITE_MS))]);
      },
      // Ask the controls what they say. False if they do not answer: without a server Gradio drops every event.
      recall() {
        const heard = new Promise((resolve) => readers.push(() => resolve(true)));
        this.emit('recall');
        return Promise.race([heard, new Promise((resolve) => setTimeout(resolve, WRITE_MS, false))]);
      },
      heard(values) {
        for (const [key, value] of Object.entries(values)) this.set(key, value);
        for (const resolve of readers.splice(0)) resolve();
      },
      written() { for (const resolve of writers.splice(0)) resolve(); },
      do(action, ...rest) { return actions[action]?.(...rest); },
    };
  }

  return {
    task(name) {
      if (!tasks.has(name)) tasks.set(name, createTask(name));
      return tasks.get(name);
    },
    // A place a picture can be sent to: { task, label, hint, take(picture) }.
    register(target) { targets.push(target); document.dispatchEvent(new Event('onestroke-targets')); },
    targets,
    dialogs: {},
    open(name) { this.dialogs[name]?.(); },
  };
})();
// On the window because Gradio's own listeners speak to it as well.
export const onestroke = window.onestroke;
