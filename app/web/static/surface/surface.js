// Pointers become strokes. Mouse, pen and one finger paint; two fingers, Space or the middle button move the view, and a
// second finger drops the stroke that the first had begun.
import { hearBeside } from './beside.js';
import { SIDE } from './draw.js';
import { createPan } from './pan.js';
import { createPen, sheetLayers } from './pen.js';
import { createPolygon } from './polygon.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Paintable } from './pen.js' */
/** @import { Selection } from './selection.js' */
/** @import { Tools } from './tools.js' */

const PALM_MS = 3000;        // after a pen, touch is the palm of the hand
const LONG_PRESS_MS = 550;   // a finger that stays picks the colour under it
const ON_PAPER = ['fill', 'pick', 'select']; // tools that begin nothing beside it
const ERASER = 32;           // the pen's other end, as a bit of an event's buttons

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {any} options.view
 * @param {Paintable} options.painting  the canvas of its sheet hears the pointer
 * @param {Selection} [options.selection]  of strokes that were made already
 * @param {HTMLElement} [options.paper]  the window that it is seen through, if strokes may begin beside it
 */
export function createSurface({ task, painting, tools, view, selection, paper }) {
  const { canvas } = painting.sheet;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
  };
  const layers = painting.layers ?? sheetLayers(painting.sheet);
  const pen = createPen({ task, painting, layers, tools, place });
  const polygon = createPolygon({ task, painting, layers, tools });
  const pan = createPan(view);
  const pick = (event) => tools.pick(painting.colorAt(place(event)));
  let press = 0;             // the timer of a finger that stays

  function useTool(event) {
    if (tools.tool === 'pick' || event.altKey) { pick(event); return; }
    if (tools.tool === 'polygon') { polygon.press(pen.point(event)); return; }
    if (tools.tool === 'select') { selection.press(pen.point(event)); return; }
    if (tools.tool !== 'fill') { pen.begin(event); return; }
    const op = { tool: 'fill', color: tools.color, point: pen.point(event) };
    painting.add(op);
    task.emit('painted', op);
  }
  function pressed(event) {
    if (!pen.still) return;
    pen.drop();
    pick(event);
    navigator.vibrate?.(10);
  }
  function down(event) {
    const touch = event.pointerType === 'touch';
    if (touch) {
      clearTimeout(press);
      const fingers = pan.touch(event);
      if (fingers === 2) pen.drop();
      if (fingers > 1) return;
    } else if (view.grabbing || event.button === 1) {
      pan.grab(event);
      event.preventDefault();
    }
    capture(canvas, event);
    if (pen.drawing || (event.button !== 0 && !(event.buttons & ERASER)) || !event.isPrimary) return;
    canvas.classList.add('touched'); // until a key is pressed: who points sees where the focus is
    canvas.focus({ preventScroll: true });
    if (pan.on) return;
    useTool(event);
    if (touch && pen.drawing && tools.picks !== false) press = setTimeout(pressed, LONG_PRESS_MS, event);
  }
  function move(event) {
    if (pan.move(event)) return;
    if (polygon.on) polygon.hover(pen.point(event));
    if (selection?.dragging) selection.drag(pen.point(event));
    if (!pen.holds(event)) return;
    pen.extend(event);
    if (pen.moving) clearTimeout(press);
  }
  function up(event) {
    pan.lift(event);
    clearTimeout(press);
    if (pen.holds(event)) pen.finish();
    if (selection?.dragging) selection.release();
  }
  hear(canvas, { down, move, up });
  if (paper) hearBeside(paper, (event) => { if (!ON_PAPER.includes(tools.tool)) down(event); });
  return {
    // Whether a stroke is under the pen.
    get drawing() { return pen.drawing || polygon.on || Boolean(selection?.dragging); },
    // Whether the pointer holds a stroke, until it is lifted.
    get holds() { return pen.drawing || Boolean(selection?.dragging); },
    // What pointers do, for those that are none.
    hand: { down, move, up },
    // Ends it as if it had never begun.
    drop() { pen.drop(); polygon.drop(); },
    // Closes a polygon, or takes its last corner back; false where there is none.
    close() { const { on } = polygon; polygon.close(); return on; },
    back() { const { on } = polygon; if (on) polygon.back(); return on; },
  };
}

// The pointers on a canvas, without the palm of a hand that holds a pen.
function hear(canvas, { down, move, up }) {
  let penSeen = -Infinity;
  const seen = (event) => { if (event.pointerType === 'pen') penSeen = performance.now(); };
  const isPalm = (event) => event.pointerType === 'touch' && performance.now() - penSeen < PALM_MS;
  canvas.addEventListener('pointerdown', (event) => { seen(event); if (!isPalm(event)) down(event); });
  canvas.addEventListener('pointermove', (event) => { seen(event); move(event); });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) canvas.addEventListener(type, up);
  for (const type of ['keydown', 'blur']) canvas.addEventListener(type, () => canvas.classList.remove('touched'));
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
}

function capture(canvas, event) {
  try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
}
