// Changes of steps that were made already: moved, of another colour, width, edge or opacity, or taken away. A change is an operation as well, which
// names its step by number, so that undo takes it back and the list stays the truth.
import { flat } from './operations.js';
import { SHAPES } from './shapes.js';
/** @import { Operation } from './operations.js' */

/** @type {Record<string, (op: Operation, change: Operation) => Operation | null>} */
const CHANGES = {
  move: (op, { by }) => moved(op, by),
  recolor: (op, { color }) => (op.color ? { ...op, color } : op),
  resize: (op, { size }) => (op.size ? { ...op, size } : op),
  soften: (op, { soft }) => (op.size ? { ...op, soft } : op),
  fade: (op, { opacity }) => (op.size || SHAPES.includes(op.tool) ? { ...op, opacity } : op),
  remove: () => null,
};

// The same change of the same step gives the same object, by which bitmaps are known again.
/** @type {WeakMap<Operation, { of: Operation, is: Operation | null }>} */
const made = new WeakMap();

/**
 * @param {Operation[]} ops  groups and changes among them
 * @returns {(Operation | null)[]} its steps as they are now, by number; null for those that were taken away
 */
export function stepsOf(ops) {
  /** @type {(Operation | null)[]} */
  const steps = [];
  for (const op of flat(ops)) {
    if (!(op.tool in CHANGES)) steps.push(op);
    else if (steps[op.at]) steps[op.at] = changed(steps[op.at], op);
  }
  return steps;
}

function changed(step, change) {
  const known = made.get(change);
  if (known?.of === step) return known.is;
  const is = CHANGES[change.tool](step, change);
  made.set(change, { of: step, is });
  return is;
}

/**
 * @param {Operation} op
 * @param {number[]} by  to the right and down, in units
 */
function moved(op, [dx, dy]) {
  const shift = ([x, y, ...width]) => [x + dx, y + dy, ...width];
  return op.point ? { ...op, point: shift(op.point) } : { ...op, points: op.points.map(shift) };
}
