// A stroke that was made already, chosen by a click on it: dragged, given another colour by the palette, or deleted.
import { iconButton, make } from '../shared/dom.js';
import { SIDE } from './draw.js';
import { isNamed } from './palette.js';
/** @import { Painting } from './strokes.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Tools } from './tools.js' */

const NONE = -1;

/** @typedef {ReturnType<typeof createSelection>} Selection */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Painting} options.painting
 * @param {HTMLElement} options.paper  the window that the painting is seen through
 * @param {{ onPaper: (box: number[]) => number[] }} options.view
 */
export function createSelection({ task, tools, painting, paper, view }) {
  let at = NONE;     // the number of the step
  let drag = null;   // { from, by }: a point and a way in units
  let drawing = 0;   // the next frame
  const remove = iconButton('trash', 'Delete this stroke', { tip: 'Delete it  (Del)', className: 'os-unstroke', onclick: () => selection.remove() });
  const frame = make('div', { className: 'os-selected', hidden: true });
  remove.hidden = true;
  paper.append(frame, remove);

  function show() {
    const step = at === NONE ? null : painting.step(at);
    if (!step || !painting.current().includes(step)) at = NONE;
    frame.hidden = remove.hidden = at === NONE;
    if (at === NONE) return;
    const [left, top, width, height] = painting.box(step);
    const [dx, dy] = drag?.by ?? [0, 0];
    const [x, y, wide, high] = view.onPaper([left + dx, top + dy, width, height]).map((v) => 100 * v / SIDE);
    frame.style.cssText = `left:${x}%;top:${y}%;width:${wide}%;height:${high}%`;
    remove.style.cssText = `--right:${x + wide}%;--top:${y}%`;
  }
  function did(change) {
    painting.amend(change);
    task.emit('painted', change);
  }
  function draw() {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(() => { if (drag) painting.preview({ tool: 'move', at, by: drag.by }); });
    show();
  }
  const selection = {
    get on() { return at !== NONE; },
    get dragging() { return Boolean(drag); },
    press(point) {
      at = painting.stepUnder(point);
      const color = painting.step(at)?.color;
      drag = at === NONE ? null : { from: point, by: [0, 0] };
      if (color) tools.set(isNamed(color) ? { color } : { color, own: color });
      show();
    },
    drag(point) {
      drag.by = point.map((v, i) => Math.round(10 * (v - drag.from[i])) / 10);
      draw();
    },
    release() {
      const by = drag?.by;
      drag = null;
      cancelAnimationFrame(drawing);
      if (by?.some((v) => v !== 0)) { painting.add({ tool: 'move', at, by }); task.emit('painted', painting.step(at)); }
    },
    // Back to where it was; or else nothing is chosen any more. False where nothing was.
    drop() {
      if (!selection.on) return false;
      if (drag) { drag = null; cancelAnimationFrame(drawing); painting.redraw(); } else at = NONE;
      show();
      return true;
    },
    remove() {
      if (!selection.on) return false;
      did({ tool: 'remove', at });
      return true;
    },
  };
  tools.onChange(() => {
    paper.classList.toggle('selecting', tools.tool === 'select');
    if (at === NONE) return;
    const { color } = painting.step(at) ?? {};
    if (tools.tool !== 'select') { at = NONE; show(); } else if (color && color !== tools.color) did({ tool: 'recolor', at, color: tools.color });
  });
  task.on('painting', show);
  paper.addEventListener('viewchange', show);
  return selection;
}
