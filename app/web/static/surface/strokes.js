// The painting: a list of operations with undo and redo, and the bitmap drawn from it. One entry is one undo: a stroke, a
// fill, new paper, a photo, a whole example (a group). Copies of the bitmap every few entries keep undo quick.
import { clamp } from '../shared/dom.js';
import { apply, createSheet, layPaper, PAPER, PIXELS, prepare, SCALE, sheetCanvas, SIDE } from './draw.js';

const FRAME_EVERY = 12;
const FRAMES_KEPT = 6;

export function createPainting(canvas) {
  const sheet = createSheet(canvas);
  const frames = new Map(); // number of operations -> the bitmap after them
  const small = sheetCanvas(SIDE);
  const smallCtx = small.getContext('2d', { willReadFrequently: true });
  let ops = [];
  let undone = [];

  function keepFrame() {
    if (ops.length % FRAME_EVERY) return;
    const copy = sheetCanvas();
    copy.getContext('2d').drawImage(sheet.canvas, 0, 0);
    frames.set(ops.length, { copy, paperOp: sheet.paperOp });
    if (frames.size > FRAMES_KEPT) frames.delete(Math.min(...frames.keys()));
  }
  function redraw() {
    const from = Math.max(0, ...[...frames.keys()].filter((n) => n <= ops.length));
    const frame = frames.get(from);
    layPaper(sheet, frame?.paperOp ?? { tool: 'paper', paper: PAPER });
    if (frame) sheet.ctx.drawImage(frame.copy, 0, 0);
    for (const op of ops.slice(from)) apply(sheet, op);
  }

  return {
    sheet,
    add(op, { drawn = false } = {}) {
      for (const n of frames.keys()) if (n > ops.length) frames.delete(n);
      ops.push(op);
      undone = [];
      if (!drawn) apply(sheet, op);
      keepFrame();
    },
    undo() { if (!ops.length) return false; undone.push(ops.pop()); redraw(); return true; },
    redo() { if (!undone.length) return false; ops.push(undone.pop()); redraw(); return true; },
    redraw,
    get canUndo() { return ops.length > 0; },
    get canRedo() { return undone.length > 0; },
    get count() { return ops.length; },
    // Only paper, nothing on it. A photo as paper counts as painted: the model has something to follow.
    get untouched() { const last = flat(ops).at(-1); return !last || last.tool === 'paper'; },
    // What the picture consists of: everything since the paper was last laid.
    current() {
      const all = flat(ops);
      const start = all.findLastIndex((op) => op.tool === 'paper' || op.tool === 'picture');
      return all.slice(Math.max(start, 0));
    },
    image() {
      smallCtx.imageSmoothingQuality = 'high';
      smallCtx.drawImage(sheet.canvas, 0, 0, SIDE, SIDE);
      return small.toDataURL('image/png');
    },
    colorAt([x, y]) {
      const [r, g, b] = sheet.ctx.getImageData(clamp(Math.floor(x * SCALE), 0, PIXELS - 1), clamp(Math.floor(y * SCALE), 0, PIXELS - 1), 1, 1).data;
      return `#${[r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('')}`;
    },
    save() { return { ops, undone }; },
    async load(saved) {
      await prepare([...saved.ops, ...saved.undone]);
      [ops, undone] = [saved.ops, saved.undone];
      frames.clear();
      redraw();
    },
  };
}

export function flat(ops) { return ops.flatMap((op) => (op.tool === 'group' ? flat(op.ops) : [op])); }
