// Pointers become strokes. Mouse, pen and one finger paint; two fingers, Space or the middle button move the view, and a
// second finger drops the stroke that the first had begun.
import { SIDE } from './draw.js';
import { createPan } from './pan.js';
import { createPen } from './pen.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Paintable } from './pen.js' */
/** @import { Tools } from './tools.js' */

const PALM_MS = 3000;        // after a pen, touch is the palm of the hand
const LONG_PRESS_MS = 550;   // a finger that stays picks the colour under it
const ERASER = 32;           // the pen's other end, as a bit of an event's buttons

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {any} options.view
 * @param {Paintable} options.painting  the canvas of its sheet hears the pointer
 * @returns {{ drawing: boolean, drop: () => void }} whether a stroke is under the pen; ends it as if it had never begun
 */
export function createSurface({ task, painting, tools, view }) {
  const { canvas } = painting.sheet;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
  };
  const pen = createPen({ task, painting, tools, place });
  const pan = createPan(view);
  const pick = (event) => tools.setOwn(painting.colorAt(place(event)));
  let press = 0;             // the timer of a finger that stays

  function useTool(event) {
    if (tools.tool === 'pick' || event.altKey) { pick(event); if (tools.tool === 'pick') tools.back(); return; }
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
    canvas.focus({ preventScroll: true });
    if (pan.on) return;
    useTool(event);
    if (touch && pen.drawing && tools.picks !== false) press = setTimeout(pressed, LONG_PRESS_MS, event);
  }
  function move(event) {
    if (pan.move(event) || !pen.holds(event)) return;
    pen.extend(event);
    if (pen.moving) clearTimeout(press);
  }
  function up(event) {
    pan.lift(event);
    clearTimeout(press);
    if (pen.holds(event)) pen.finish();
  }
  hear(canvas, { down, move, up });
  return { get drawing() { return pen.drawing; }, drop: pen.drop };
}

// The pointers on a canvas, without the palm of a hand that holds a pen.
function hear(canvas, { down, move, up }) {
  let penSeen = -Infinity;
  const seen = (event) => { if (event.pointerType === 'pen') penSeen = performance.now(); };
  const isPalm = (event) => event.pointerType === 'touch' && performance.now() - penSeen < PALM_MS;
  canvas.addEventListener('pointerdown', (event) => { seen(event); if (!isPalm(event)) down(event); });
  canvas.addEventListener('pointermove', (event) => { seen(event); move(event); });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) canvas.addEventListener(type, up);
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
}

function capture(canvas, event) {
  try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
}
