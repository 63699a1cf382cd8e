// What can be done with a photo and its marks, by the names that buttons and keys know.
import { chooseFiles } from '../files/choose.js';
import { keysOf } from '../files/photos.js';
import { newSeed } from '../shared/seeds.js';
import { WORDS } from '../shared/words.js';
import { bringing, redoStep, undoStep } from '../surface/undoing.js';
/** @import { Can } from './phototools.js' */
/** @import { Photos } from '../files/photos.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

/**
 * @typedef {object} Desk
 * @property {Task} task
 * @property {Marks} marks
 * @property {{ readonly drawing: boolean, drop: () => void }} surface
 * @property {ReturnType<typeof import('./modes.js').createModes>} modes
 * @property {(op: Operation) => void} did
 * @property {() => void} changed
 */

/**
 * @param {Desk} desk
 * @param {Can} can
 */
export function markActions({ task, marks, surface, modes, did, changed }, can) {
  return {
    undo() { if (!surface.drawing) return undoStep({ task, operations: marks, changed }); },
    redo() { if (!surface.drawing) return redoStep({ task, operations: marks, changed }); },
    clear() { if (!surface.drawing && marks.clearable) did({ tool: 'clear' }); },
    invert() { if (marks.photo && can.masks) did({ tool: 'invert' }); },
    place: () => modes.toggle('place'),
    extend: () => modes.toggle('extend'),
  };
}

/**
 * @param {Desk} desk
 * @param {object} options
 * @param {boolean} options.seeded  whether another seed makes another picture
 * @param {any} options.loop
 * @param {() => void} options.keep
 */
export function loopActions({ task, marks, surface, modes }, { seeded, loop, keep }) {
  return {
    stop() {
      if (modes.on) { modes.set(null); return; }
      surface.drop();
      loop.stop();
    },
    again: () => loop.again(),
    generate: () => loop.generate(),
    vary() { if (seeded) loop.vary(); },
    reroll() {
      if (!seeded || marks.untouched) return;
      task.write({ seed: newSeed(task.settings.seed) });
      if (task.settings.auto === false) loop.generate();
    },
    lock() {
      task.locked = !task.locked;
      task.emit('locked', task.locked, { keep: true });
      keep();
    },
  };
}

/**
 * @param {Desk} desk
 * @param {object} options
 * @param {Photos} options.library
 * @param {ReturnType<typeof import('./opening.js').createOpening>} options.opening
 * @param {{ run: (files: File[]) => void }} options.batch
 */
export function fileActions({ task, marks, did }, { library, opening, batch }) {
  return {
    async open(many) {
      const files = await chooseFiles({ many: Boolean(many) });
      if (files.length > 1) batch.run(files);
      else if (files.length) opening.takeFile(files[0]);
    },
    paste: opening.paste,
    // From the history: one entry for undo, whatever it consists of.
    async load({ name, ops, settings }) {
      try {
        for (const key of keysOf(ops)) await library.recall(key);
        await marks.prepare(ops);
      } catch { task.emit('notice', { head: WORDS.photoGone.error, text: WORDS.photoGone.hint, alert: true }); return; }
      did(await bringing(task, { tool: 'group', name, ops }, settings));
    },
  };
}
