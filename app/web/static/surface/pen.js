// The stroke under the pen: begun, extended by every sample, then finished as an operation or dropped without a trace.
import { apply, drawStroke, SCALE, sheetCanvas, SIDE } from './draw.js';
import { isDragged, isTooThin, SHAPES, stretched } from './shapes.js';
import { isWash, startWash } from './wash.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from './operations.js' */
/** @import { Tools } from './tools.js' */

const FOLLOW_MS = 180;       // while drawing, a picture at most this often
const STEP = 0.5;            // units from one point of a stroke to the next, at least
const CLICK = 3;             // units that a hand may move in a click

const round = (value) => Math.round(value * 10) / 10;

/**
 * What a stroke under the pen is drawn on. A sheet has one bitmap; a painting of several brings its own.
 * @typedef {object} PenLayers
 * @property {() => void} keep  remembers what is there before the stroke
 * @property {(op: Operation, from?: number) => void} draw  the stroke from point `from`
 * @property {() => void} rewind  back to what was remembered
 */

/** @returns {PenLayers} */
export function sheetLayers(sheet) {
  const base = sheetCanvas();
  let wash = null; // of the stroke under the pen
  return {
    keep() { base.getContext('2d').drawImage(sheet.canvas, 0, 0); },
    draw(op, from) {
      if (SHAPES.includes(op.tool)) { apply(sheet, op); return; }
      if (!isWash(op)) { drawStroke(sheet, op, from); return; }
      if (!from) wash = startWash(sheet, op, SCALE);
      wash.draw(op.points);
    },
    rewind() { sheet.ctx.drawImage(base, 0, 0); },
  };
}

/**
 * What the pen paints on: a sheet, or layers of its own that are seen on the sheet's canvas.
 * @typedef {object} Paintable
 * @property {any} sheet
 * @property {PenLayers} [layers]
 * @property {(op: Operation) => void} add
 * @property {() => number[] | null} [lastEnd]  where the last stroke ends, to go on from there in a straight line
 * @property {(point: number[]) => string} colorAt  a point in units; gives #rrggbb
 */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Paintable} options.painting
 * @param {PenLayers} options.layers  of the painting
 * @param {(event: PointerEvent) => number[]} options.place  where an event is, in units
 */
export function createPen({ task, painting, layers, tools, place }) {
  let open = null;           // the stroke under the pen, see `opened`
  let draftAt = -Infinity;   // when the last picture of an open stroke was asked for
  let since = 0;

  const point = (event) => place(event).map(round);
  const sample = (event) => [...point(event), ...pressureOf(event, tools)];
  function close() {
    const { op } = open;
    open = null;
    layers.rewind();
    task.emit('drawing', false, { keep: true });
    return op;
  }
  // A picture of a stroke that is no more may be on the page.
  function dropped() { if (draftAt > since) task.emit('draft'); }
  return {
    get drawing() { return Boolean(open); },
    // A finger that stays where it came down.
    get still() { return open?.moves === 0; },
    get moving() { return open?.moves > 1; },
    holds: (event) => open?.id === event.pointerId,
    begin(event) {
      const erasing = tools.tool === 'eraser' || (event.buttons & 32) > 0;
      layers.keep();
      since = performance.now();
      open = opened(strokeOf(tools, erasing), sample(event), event, painting.lastEnd?.());
      layers.draw(open.op);
      task.emit('drawing', true, { keep: true });
    },
    extend(event) {
      const events = event.getCoalescedEvents?.() ?? [];
      const from = open.op.points.length;
      const how = extended(open, (events.length ? events : [event]).map(sample), event.shiftKey);
      if (!how) return;
      open.moves += open.op.points.length - from || 1;
      if (how === 'anew') layers.rewind();
      layers.draw(open.op, how === 'anew' ? 0 : from);
      if (!tools.follow || performance.now() - draftAt <= FOLLOW_MS) return;
      draftAt = performance.now();
      task.emit('draft');
    },
    finish() {
      if (!open) return;
      const op = close();
      if (isTooThin(op) || !isOnPaper(op)) { dropped(); return; }
      painting.add(op); // drawn afresh in one piece, exactly as undo and reload will draw it
      task.emit('painted', op);
    },
    drop() {
      if (!open) return;
      close();
      dropped();
    },
    point,
  };
}

/**
 * A stroke at its beginning. With Shift it is a straight line: from where the last one ends, until the pointer is dragged.
 * @returns {{ id: number, op: Operation, moves: number, straightFrom: number | null, clicked: number[] | null }} its
 *   pointer; how many samples came since; how many points stay while the rest is straight; where a click would join
 */
function opened(stroke, first, { pointerId, shiftKey }, lastEnd) {
  const joins = shiftKey && lastEnd && !isDragged(stroke.tool);
  const points = isDragged(stroke.tool) ? [first, first] : joins ? [lastEnd, first] : [first];
  return { id: pointerId, op: { ...stroke, points }, moves: 0, straightFrom: shiftKey ? 1 : null, clicked: joins ? first : null };
}

/**
 * @param {ReturnType<typeof opened>} open  gets its new points
 * @param {number[][]} samples
 * @param {boolean} straight  Shift is down
 * @returns {'on' | 'anew' | null} whether it is to be drawn on, or from its beginning
 */
function extended(open, samples, straight) {
  const { op } = open;
  const last = samples.at(-1);
  if (isDragged(op.tool)) { op.points = stretched(op.points[0], last, straight); return 'anew'; }
  if (!straight) { open.straightFrom = null; return followed(op.points, samples); }
  if (open.clicked) {
    if (distance(open.clicked, last) < CLICK) return null;
    op.points = [open.clicked];
    open.clicked = null;
  }
  open.straightFrom ??= op.points.length;
  op.points = [...op.points.slice(0, open.straightFrom), last];
  return 'anew';
}

// Whether a point was added.
function followed(points, samples) {
  const before = points.length;
  for (const each of samples) if (distance(each, points.at(-1)) >= STEP) points.push(each);
  return points.length > before ? 'on' : null;
}

const distance = ([ax, ay], [bx, by]) => Math.hypot(bx - ax, by - ay);

// A stroke may begin and end beside the paper, but something of it must be seen.
function isOnPaper({ points, size = 0 }) {
  const reach = size / 2;
  return [0, 1].every((axis) => {
    const along = points.map((point) => point[axis]);
    return Math.min(...along) < SIDE + reach && Math.max(...along) > -reach;
  });
}

// A mouse says 0.5 while pressed and some fingers 0: only a pen's pressure means anything.
function pressureOf({ pointerType, pressure }, tools) {
  return pointerType === 'pen' && tools.pressure ? [round(0.25 + 0.75 * pressure)] : [];
}

// The operation that a stroke begins with, without its points.
function strokeOf(tools, erasing) {
  if (tools.stroke) return tools.stroke(erasing);
  const { color, size } = tools;
  if (SHAPES.includes(tools.tool) && !erasing) return { tool: tools.tool, color, ...tools.thin() };
  return erasing ? { tool: 'eraser', size, ...tools.washed() } : { tool: 'brush', color, size, ...tools.washed() };
}
