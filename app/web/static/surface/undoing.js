// Operations that bring settings along: an example, an entry of the history, a picture's own record. Undo takes the settings
// back with the strokes, and redo brings them again.
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from './operations.js' */

/**
 * @param {Task} task  whose controls are written
 * @param {Operation} op
 * @param {Record<string, any>} [settings]  that come with it
 * @returns {Promise<Operation>} the operation that remembers them, once the controls hold them
 */
export async function bringing(task, op, settings = {}) {
  const before = task.settings;
  const others = Object.keys(settings).filter((name) => name in before && before[name] !== settings[name]);
  const of = (values) => Object.fromEntries(others.map((name) => [name, values[name]]));
  if (Object.keys(settings).length) await task.write(settings, { quiet: true });
  return others.length ? { ...op, settings: { from: of(before), to: of(settings) } } : op;
}

/**
 * @typedef {object} Undoing
 * @property {Task} task
 * @property {{ undo: () => boolean, redo: () => boolean, readonly last?: Operation, readonly next?: Operation }} operations
 * @property {() => void} changed
 */

/** @param {Undoing} options */
export async function undoStep({ task, operations, changed }) {
  const from = operations.last?.settings?.from;
  if (!operations.undo()) return;
  if (from) await task.write(from, { quiet: true });
  changed();
}

/** @param {Undoing} options */
export async function redoStep({ task, operations, changed }) {
  const to = operations.next?.settings?.to;
  if (!operations.redo()) return;
  if (to) await task.write(to, { quiet: true });
  changed();
}
