// Which operations a sheet shows, and copies of it every few operations, from which others are drawn quickly.
import { apply, layPaper, PAPER, sheetCanvas } from './draw.js';
/** @import { Sheet } from './draw.js' */
/** @import { Operation } from './operations.js' */

const COPY_EVERY = 12; // operations
const COPIES = 6;

/** @param {Sheet} sheet */
export function createBitmaps(sheet) {
  /** @type {{ ops: Operation[], canvas: HTMLCanvasElement, paperOp: Operation }[]} */
  let copies = [];

  function copy(ops) {
    const canvas = sheetCanvas();
    canvas.getContext('2d').drawImage(sheet.canvas, 0, 0);
    copies = copies.filter((each) => each.ops.length !== ops.length);
    copies.push({ ops, canvas, paperOp: sheet.paperOp });
    if (copies.length > COPIES) copies = copies.toSorted((a, b) => a.ops.length - b.ops.length).slice(1);
  }
  // Draws the last operations of a list, the others being there.
  function draw(ops, from, isCopied = (count) => count % COPY_EVERY === 0) {
    for (let i = from; i < ops.length; i++) {
      apply(sheet, ops[i]);
      if (isCopied(i + 1)) copy(ops.slice(0, i + 1));
    }
  }
  // Puts the longest copy that these operations begin with on the sheet, or empty paper: of how many it is.
  function goBack(ops) {
    const best = longest(copies.filter((each) => beginsWith(ops, each.ops)));
    layPaper(sheet, best?.paperOp ?? { tool: 'paper', paper: PAPER });
    if (best) sheet.ctx.drawImage(best.canvas, 0, 0);
    return best?.ops.length ?? 0;
  }
  return {
    show(ops) { draw(ops, goBack(ops)); },
    // Operations of which this one changes with every call: what lies below it is drawn once.
    showChanging(ops, at) { draw(ops, goBack(ops), (count) => count === at); },
    // After one more operation: it alone is drawn where it changed nothing of those before it.
    goOn(before, ops) {
      draw(ops, beginsWith(ops, before) ? before.length : goBack(ops));
    },
  };
}

const beginsWith = (ops, first) => first.length <= ops.length && first.every((op, i) => op === ops[i]);
const longest = (copies) => copies.toSorted((a, b) => b.ops.length - a.ops.length)[0];
