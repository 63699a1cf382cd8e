// The mask of a record has grown already, so nothing is added to it. With the next mask the person's own edge comes back.
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

/**
 * @param {Operation} op  a mask that has grown
 * @param {{ task: Task, marks: Marks }} before  the marks so far, which may have begun with such a mask
 * @returns {Operation} the same, which also tells how far the person's own masks grow
 */
export function asGrown(op, { task, marks }) {
  return { ...op, ownGrow: grownMask(marks.current())?.ownGrow ?? task.settings.grow };
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Marks} options.marks
 * @returns {() => void} to be called after every change of the marks, the first time with those of an earlier visit
 */
export function createGrownMask({ task, marks }) {
  /** @type {Operation | null | undefined} */
  let before;
  return function follow() {
    const now = grownMask(marks.current());
    const known = before === undefined || now?.src === before?.src;
    if (!known && now) setGrow(0);
    if (!known && !now && task.settings.grow === 0) setGrow(before.ownGrow);
    before = now;
  };
  function setGrow(grow) { if (task.settings.grow !== grow) task.write({ grow }, { quiet: true }); }
}

// The grown mask that the marks began with, unless they began again since.
function grownMask(ops) {
  const first = ops.findLast(({ tool }) => tool === 'picture' || tool === 'clear');
  return first?.ownGrow === undefined ? null : first;
}
