// What an answer says beside its picture.
import { decoded } from '../files/photos.js';
import { drawExact } from '../marks/before.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {() => void} options.showSquares  where the model works
 */
export function createHearing({ task, kind, marks, showSquares }) {
  return async function hear({ input, final, factor, squares, ...facts }) {
    if (squares) {
      const [left, top] = marks.frame; // squares count from the corner of the extended photo
      marks.found = squares.map(([x, y, side]) => [x - left, y - top, side]);
      showSquares();
    }
    if (kind.enlarges && final) task.found = `${sizeOf(final, factor)} to ${sizeOf(final, 1)} pixels`;
    hearEstimate(task, kind, facts);
    const exact = input && await decoded(input).catch(() => null); // what the model was given, pixel for pixel
    if (!exact) return;
    drawExact(marks.sheet.ctx, exact);
    task.emit('painting', marks, { keep: true });
  };
}

// One side is enough of a square.
function sizeOf({ width, height }, factor) {
  return width === height ? `${width / factor}` : `${width / factor} x ${height / factor}`;
}

function hearEstimate(task, { estimates }, facts) {
  if (!estimates || facts[estimates.setting] === undefined) return;
  const { setting, word, digits } = estimates;
  const found = Number(facts[setting]).toFixed(digits);
  task.found = `${word} ${found}`;
  if (task.settings.estimate) task.write({ [setting]: Number(found) }, { quiet: true });
}
