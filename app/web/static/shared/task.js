// What the parts of one tab speak through: events, settings, and what can be done. Whoever comes later hears the last word.
const WRITE_MS = 1000; // Gradio takes a few; a page that lost its controls goes on all the same

/**
 * With what its components leave there for each other.
 * @typedef {ReturnType<typeof createTask> & TaskParts} Task
 * @typedef {object} TaskParts
 * @property {any} [loop]  asks for pictures
 * @property {any} [painting]  what is painted, or the photo with its marks
 * @property {any} [tools]
 * @property {any} [batch]
 * @property {any} [ends]  of a way
 * @property {any} [varied]  the picture that variations are asked for
 * @property {any} [chosen]  the picture on the page, where it is one of several
 * @property {any} [shown]  the picture on the page, where it is a single one
 * @property {() => number} [evaluations]  of single pictures by the model, that what is asked for takes
 * @property {string} [found]  what an answer found out, for the status
 * @property {(state: any) => object} [describe]  in place of `describe`
 * @property {Record<string, any>} [wanted]  settings that the controls are to hold
 */

/** @param {string} name  of the tab: "paint", "inpaint", ... */
export function createTask(name) {
  /** @type {Record<string, (...how: any[]) => any>} */
  const actions = {}; // what can be done, by name
  const events = createEvents();
  return { name, actions, do: (action, ...rest) => actions[action]?.(...rest), ...events, ...createControls(events) };
}

function createEvents() {
  const listeners = new Map();
  const last = new Map();
  return {
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listener);
      if (last.has(event)) listener(last.get(event));
    },
    // `keep`: for those who listen later, too.
    emit(event, detail, { keep = false } = {}) {
      if (keep) last.set(event, detail);
      for (const listener of listeners.get(event) ?? []) listener(detail);
    },
  };
}

// The Gradio controls as the scripts know them.
function createControls({ emit }) {
  const writers = [];
  const readers = [];
  const soon = (otherwise) => new Promise((resolve) => setTimeout(resolve, WRITE_MS, otherwise));
  return {
    /** @type {Record<string, any>} */
    settings: {},      // what the controls say: look, steps, strength, seed
    locked: true,      // the seed stays while painting
    // A control changed. A value that is already known was set by us and says nothing new.
    set(key, value) {
      if (this.settings[key] === value) return;
      this.settings[key] = value;
      emit('settings', this.settings, { keep: true });
      emit('setting', { key, value });
    },
    // Write into the controls. `quiet`: as if they had stood there all along. Resolves when they hold the values: a request
    // that is made earlier would carry the old ones.
    write(values, { quiet = false } = {}) {
      this.wanted = { ...this.settings, ...values };
      if (quiet) this.settings = { ...this.wanted };
      emit('settings', this.wanted, { keep: true });
      const written = new Promise((resolve) => writers.push(resolve));
      emit('write');
      return Promise.race([written, soon()]);
    },
    // Ask the controls what they say. False if they do not answer: without a server Gradio drops every event.
    recall() {
      const heard = new Promise((resolve) => readers.push(() => resolve(true)));
      emit('recall');
      return Promise.race([heard, soon(false)]);
    },
    heard(values) {
      for (const [key, value] of Object.entries(values)) this.set(key, value);
      for (const resolve of readers.splice(0)) resolve();
    },
    written() { for (const resolve of writers.splice(0)) resolve(); },
  };
}
