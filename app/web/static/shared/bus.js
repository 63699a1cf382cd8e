// The one object the page's components meet on. Gradio mounts them in any order, and tabs lazily, so nobody looks for
// anybody: each takes its task by name, listens, and hears the last word of those who spoke before.
import { createTask } from './task.js';
/** @import { Task } from './task.js' */

/**
 * @typedef {object} ModelInUse
 * @property {number} number  grows with every change
 * @property {string} name
 * @property {string} description
 * @property {[string, string][]} facts  labels and texts
 * @property {string[]} looks  its classes
 * @property {number} resolution  side of its pictures in pixels
 * @property {number} steps  that it is made for
 * @property {Record<string, string>} words  for what its pictures show (subject.js)
 * @property {number} seconds  of an evaluation on the server, where that is slow; otherwise 0
 * @property {number} pace  seconds of an evaluation of one picture, of late
 */

function createBus() {
  /** @type {Map<string, Task>} */
  const tasks = new Map();
  /** @type {any[]} */
  const targets = [];
  return {
    task(name) {
      if (!tasks.has(name)) tasks.set(name, createTask(name));
      return tasks.get(name);
    },
    // A place a picture can be sent to: { task, label, hint, take(picture) }.
    register(target) { targets.push(target); document.dispatchEvent(new Event('onestroke-targets')); },
    targets,
    // The model in use. Parts that depend on it hear of another one, and at once of the one that is there.
    /** @type {ModelInUse} */
    model: { number: -1, name: '', description: '', facts: [], looks: [], resolution: 128, steps: 1, words: {}, seconds: 0, pace: 0 },
    setModel(about) { this.model = about; this.task('models').emit('model', about, { keep: true }); },
    onModel(listener) { this.task('models').on('model', listener); },
    /** @type {Record<string, () => void>} */
    dialogs: {},
    open(name) { this.dialogs[name]?.(); },
  };
}

/** @typedef {ReturnType<typeof createBus> & { show?: (tab: string) => void }} Bus */

/** @type {any} */
const page = window;
// On the window because Gradio's own listeners speak to it as well.
page.onestroke ??= createBus();
/** @type {Bus} */
export const onestroke = page.onestroke;
