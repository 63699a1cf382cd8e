// The painting: a list of operations with undo and redo, and the bitmap drawn from it. One entry is one undo: a stroke, a
// fill, new paper, a photo, a whole example (a group). Copies of the bitmap every few entries keep undo quick.
import { clamp } from '../shared/dom.js';
import { toHex } from './color.js';
import { apply, createSheet, layPaper, PAPER, PIXELS, prepare, SCALE, sheetCanvas, SIDE } from './draw.js';
import { createOperations } from './operations.js';

const FRAME_EVERY = 12;
const FRAMES_KEPT = 6;

/** @typedef {ReturnType<typeof createPainting>} Painting */

/** @param {HTMLCanvasElement} canvas  that is painted on, 768 pixels a side */
export function createPainting(canvas) {
  const sheet = createSheet(canvas);
  const frames = createFrames(sheet);
  const operations = createOperations(redraw);
  const small = sheetCanvas(SIDE);
  const smallCtx = small.getContext('2d', { willReadFrequently: true });

  function redraw() {
    for (const op of operations.all.slice(frames.back(operations.all.length))) apply(sheet, op);
  }
  return {
    sheet,
    // `drawn`: the bitmap shows it already.
    add(op, { drawn = false } = {}) {
      frames.forget(operations.all.length);
      operations.add(op);
      if (!drawn) apply(sheet, op);
      frames.keep(operations.all.length);
    },
    undo: operations.undo,
    redo: operations.redo,
    redraw,
    get canUndo() { return operations.canUndo; },
    get canRedo() { return operations.canRedo; },
    get count() { return operations.all.length; },
    // Only paper, nothing on it. A photo as paper counts as painted: the model has something to follow.
    get untouched() { const last = operations.since(() => false).at(-1); return !last || last.tool === 'paper'; },
    // What the picture consists of: everything since the paper was last laid.
    current: () => operations.since((op) => op.tool === 'paper' || op.tool === 'picture'),
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
    prepare: (ops) => prepare(sheet, ops),
    save: operations.save,
    async load(saved) {
      await prepare(sheet, [...saved.ops, ...saved.undone]);
      frames.forget(-1);
      operations.restore(saved);
    },
  };
}

// Copies of a sheet by the number of operations that it then showed.
function createFrames(sheet) {
  const kept = new Map();
  return {
    keep(count) {
      if (count % FRAME_EVERY) return;
      const copy = sheetCanvas();
      copy.getContext('2d').drawImage(sheet.canvas, 0, 0);
      kept.set(count, { copy, paperOp: sheet.paperOp });
      if (kept.size > FRAMES_KEPT) kept.delete(Math.min(...kept.keys()));
    },
    // Those of more operations than this show what is no longer so.
    forget(count) { for (const n of kept.keys()) if (n > count) kept.delete(n); },
    // Puts the last one of at most so many operations on the sheet, or empty paper: of how many it is.
    back(count) {
      const from = Math.max(0, ...[...kept.keys()].filter((n) => n <= count));
      const frame = kept.get(from);
      layPaper(sheet, frame?.paperOp ?? { tool: 'paper', paper: PAPER });
      if (frame) sheet.ctx.drawImage(frame.copy, 0, 0);
      return from;
    },
  };
}
