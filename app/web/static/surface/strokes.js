// The painting: a list of operations with undo and redo, and the bitmap drawn from it. One entry is one undo: a stroke, a
// fill, new paper, a photo, a whole example (a group), a change of an earlier stroke.
import { clamp } from '../shared/dom.js';
import { createBitmaps } from './bitmaps.js';
import { stepsOf } from './changes.js';
import { toHex } from './color.js';
import { createSheet, PIXELS, prepare, SCALE, sheetCanvas, SIDE } from './draw.js';
import { boxAround, isUnder } from './hit.js';
import { createOperations } from './operations.js';
/** @import { Operation } from './operations.js' */

/** @typedef {ReturnType<typeof createPainting>} Painting */

const isPaper = (op) => op.tool === 'paper' || op.tool === 'picture';

/**
 * What a painting consists of: its steps since the paper was last laid, as they are now.
 * @param {Operation[]} ops  groups and changes among them
 * @returns {Operation[]}
 */
function shownBy(ops) {
  const steps = stepsOf(ops).filter((op) => op !== null);
  return steps.slice(Math.max(0, steps.findLastIndex(isPaper)));
}

/** @param {HTMLCanvasElement} canvas  that is painted on, 768 pixels a side */
export function createPainting(canvas) {
  const sheet = createSheet(canvas);
  const bitmaps = createBitmaps(sheet);
  const operations = createOperations(redraw);
  const small = sheetCanvas(SIDE);
  const smallCtx = small.getContext('2d', { willReadFrequently: true });
  const current = () => shownBy(operations.all);
  const areaOf = (op) => sheet.areas.get(op);

  function redraw() { bitmaps.show(current()); }
  function add(op) {
    const before = current();
    operations.add(op);
    bitmaps.goOn(before, current());
  }
  return {
    sheet,
    add,
    // A change, in place of the last operation where that was the same of the same step.
    amend(change) {
      const last = operations.all.at(-1);
      if (last?.tool === change.tool && last.at === change.at) operations.undo();
      add(change);
    },
    undo: operations.undo,
    redo: operations.redo,
    get last() { return operations.last; },
    get next() { return operations.next; },
    redraw,
    get canUndo() { return operations.canUndo; },
    get canRedo() { return operations.canRedo; },
    get count() { return operations.all.length; },
    get version() { return operations.version; },
    // Where the last stroke ends, in units; null where the last step was none.
    lastEnd() { return current().at(-1)?.points?.at(-1) ?? null; },
    // Only paper, nothing on it: erasing that leaves it as it is. A photo as paper counts as painted: the model has something
    // to follow.
    get untouched() { return current().every(({ tool }) => tool === 'paper' || tool === 'eraser'); },
    get clearable() { return !this.untouched; },
    current,
    // The painting as the server gets it: a data URL of a PNG, 256 pixels a side.
    image() {
      smallCtx.imageSmoothingQuality = 'high';
      smallCtx.drawImage(sheet.canvas, 0, 0, SIDE, SIDE);
      return small.toDataURL('image/png');
    },
    // The colour at a point in units; at the edge for points beside the paper.
    colorAt(point) {
      const [x, y] = point.map((v) => clamp(Math.floor(v * SCALE), 0, PIXELS - 1));
      return toHex(sheet.ctx.getImageData(x, y, 1, 1).data);
    },
    // The number of the uppermost step under a point in units, by which changes name it; -1 where there is only paper.
    stepUnder(point) {
      const steps = stepsOf(operations.all);
      const shown = new Set(current());
      return steps.findLastIndex((op) => op && shown.has(op) && isUnder(op, point, areaOf));
    },
    // A step as it is now; null where it was taken away.
    step: (at) => stepsOf(operations.all)[at] ?? null,
    // Left, top, width and height of a step in units.
    box: (op) => boxAround(op, areaOf),
    // Shows the painting with a change that is not made yet.
    preview(change) {
      const step = stepsOf([...operations.all, change])[change.at];
      const ops = shownBy([...operations.all, change]);
      bitmaps.showChanging(ops, ops.indexOf(step));
    },
    prepare: (ops) => prepare(sheet, ops),
    save: operations.save,
    async load(saved) {
      await prepare(sheet, [...saved.ops, ...saved.undone]);
      operations.restore(saved);
    },
  };
}
