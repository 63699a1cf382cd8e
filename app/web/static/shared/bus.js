// The one object the page's components meet on. Gradio mounts them in any order, and tabs lazily, so nobody looks for
// anybody: each takes its task by name, listens, and hears the last word of those who spoke before.
import { createTask } from './task.js';
/** @import { Task } from './task.js' */

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
