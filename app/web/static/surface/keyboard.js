// Painting by keys alone: on the focused paper, arrows move a cursor and Space is the pointer's button, for every tool.
import { clamp } from '../shared/dom.js';
import { ARROWS } from '../shared/keys.js';
import { SIDE } from './draw.js';
/** @import { Tools } from './tools.js' */

const STEP_BY = 2;        // units of an arrow key
const FAST_BY = 12;       // with Shift
const TOLD_AFTER_MS = 600;
const WAS_DONE = { fill: 'Filled', pick: 'Colour picked', polygon: 'Corner set', select: 'No stroke here' };

/**
 * @param {object} options
 * @param {HTMLCanvasElement} options.canvas  its event "keycursor" tells the ring where the cursor is, or that it is gone
 * @param {Tools} options.tools
 * @param {{ hand: Record<'down' | 'move' | 'up', (event: any) => void>, holds: boolean }} options.surface
 * @param {{ reveal: (x: number, y: number) => void }} options.view
 * @param {(text: string) => void} options.say  for those who hear the page
 */
export function createKeyboard({ canvas, tools, surface, view, say }) {
  let at = [SIDE / 2, SIDE / 2]; // units
  let on = false;                // the cursor is there
  let down = false;              // and holds something
  let telling = 0;
  const held = new Set();        // arrows

  function asPointer() {
    const box = canvas.getBoundingClientRect();
    const [clientX, clientY] = [box.left + at[0] * box.width / SIDE, box.top + at[1] * box.height / SIDE];
    return { pointerId: 'keys', pointerType: 'keys', button: 0, buttons: 1, isPrimary: true, clientX, clientY };
  }
  function show() {
    const { clientX, clientY } = asPointer();
    canvas.dispatchEvent(new CustomEvent('keycursor', { detail: on ? { x: clientX, y: clientY, down } : null }));
  }
  const where = () => at.map((v) => Math.round(100 * v / SIDE)).join(' across, ').concat(' down');
  function tell(text) {
    clearTimeout(telling);
    say(`${text}: ${where()}`);
  }
  function move(event) {
    held.add(event.key);
    const by = event.shiftKey ? FAST_BY : STEP_BY;
    for (const key of held) at = at.map((v, axis) => clamp(v + by * ARROWS[key][axis], 0, SIDE));
    on = true;
    view.reveal(...asXY(asPointer()));
    surface.hand.move(asPointer());
    show();
    clearTimeout(telling);
    telling = setTimeout(() => say(where()), TOLD_AFTER_MS);
  }
  function press() {
    if (down) { lift(); return; }
    surface.hand.down(asPointer());
    down = surface.holds;
    if (down) tell(tools.tool === 'select' ? 'Stroke taken' : 'Pen down');
    else tell(WAS_DONE[tools.tool] ?? 'Done');
    show();
  }
  function lift() {
    if (!down) return;
    down = false;
    surface.hand.up(asPointer());
    tell(tools.tool === 'select' ? 'Stroke put down' : 'Pen up');
    show();
  }
  function leave() {
    lift();
    held.clear();
    on = false;
    show();
  }
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) move(event);
    else if (event.key === ' ' && on) { if (!event.repeat) press(); }
    else { if (event.key === 'Escape' && down) { down = false; show(); } return; }
    event.preventDefault();
    event.stopPropagation(); // Space would move the view
  });
  canvas.addEventListener('keyup', (event) => held.delete(event.key));
  canvas.addEventListener('focus', () => { if (canvas.matches(':focus-visible')) { on = true; show(); } });
  canvas.addEventListener('blur', leave);
  for (const type of ['pointerdown', 'pointermove']) {
    canvas.addEventListener(type, (/** @type {PointerEvent} */ event) => {
      if (event.type === 'pointermove' && !event.movementX && !event.movementY) return; // the page moved below it
      if (on) leave();
      const box = canvas.getBoundingClientRect();
      at = [event.clientX - box.left, event.clientY - box.top].map((v) => clamp(v * SIDE / box.width, 0, SIDE));
    });
  }
}

const asXY = ({ clientX, clientY }) => /** @type {[number, number]} */ ([clientX, clientY]);
