// The stroke under the pen: begun, extended by every sample, then finished as an operation or dropped without a trace.
import { drawStroke, sheetCanvas } from './draw.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from './operations.js' */
/** @import { Tools } from './tools.js' */

const FOLLOW_MS = 180;       // while drawing, a picture at most this often
const STEP = 0.5;            // units from one point of a stroke to the next, at least

const round = (value) => Math.round(value * 10) / 10;

/**
 * What a stroke under the pen is drawn on. A sheet has one bitmap; a painting of several brings its own.
 * @typedef {object} PenLayers
 * @property {() => void} keep  remembers what is there before the stroke
 * @property {(op: Operation, from?: number) => void} draw  the stroke from point `from`
 * @property {() => void} rewind  back to what was remembered
 */

/** @returns {PenLayers} */
function sheetLayers(sheet) {
  const base = sheetCanvas();
  return {
    keep() { base.getContext('2d').drawImage(sheet.canvas, 0, 0); },
    draw(op, from) { drawStroke(sheet, op, from); },
    rewind() { sheet.ctx.drawImage(base, 0, 0); },
  };
}

/**
 * What the pen paints on: a sheet, or layers of its own that are seen on the sheet's canvas.
 * @typedef {object} Paintable
 * @property {any} sheet
 * @property {PenLayers} [layers]
 * @property {(op: Operation) => void} add
 * @property {(point: number[]) => string} colorAt  a point in units; gives #rrggbb
 */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Paintable} options.painting
 * @param {(event: PointerEvent) => number[]} options.place  where an event is, in units
 */
export function createPen({ task, painting, tools, place }) {
  const layers = painting.layers ?? sheetLayers(painting.sheet);
  let open = null;           // { id: of its pointer, op }
  let followed = -Infinity;  // when the last picture of an open stroke was asked for
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
  return {
    get drawing() { return Boolean(open); },
    // A finger that stays where it came down.
    get still() { return open?.op.points.length === 1; },
    get moving() { return open?.op.points.length > 2; },
    holds: (event) => open?.id === event.pointerId,
    begin(event) {
      const erasing = tools.tool === 'eraser' || (event.buttons & 32) > 0;
      layers.keep();
      since = performance.now();
      open = { id: event.pointerId, op: { ...strokeOf(tools, erasing), points: [sample(event)] } };
      layers.draw(open.op);
      task.emit('drawing', true, { keep: true });
    },
    extend(event) {
      const { points } = open.op;
      const from = points.length;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const point of (events.length ? events : [event]).map(sample)) {
        const last = points.at(-1);
        if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= STEP) points.push(point);
      }
      if (points.length === from) return;
      layers.draw(open.op, from);
      if (!tools.follow || performance.now() - followed <= FOLLOW_MS) return;
      followed = performance.now();
      task.emit('draft');
    },
    finish() {
      if (!open) return;
      const op = close();
      painting.add(op); // drawn afresh in one piece, exactly as undo and reload will draw it
      task.emit('painted', op);
    },
    drop() {
      if (!open) return;
      close();
      if (followed > since) task.emit('draft'); // a picture of the stroke may be on the page
    },
    point,
  };
}

// A mouse says 0.5 while pressed and some fingers 0: only a pen's pressure means anything.
function pressureOf({ pointerType, pressure }, tools) {
  return pointerType === 'pen' && tools.pressure ? [round(0.25 + 0.75 * pressure)] : [];
}

// The operation that a stroke begins with, without its points.
function strokeOf(tools, erasing) {
  if (tools.stroke) return tools.stroke(erasing);
  return { tool: erasing ? 'eraser' : 'brush', ...(erasing ? {} : { color: tools.color }), size: tools.size };
}
