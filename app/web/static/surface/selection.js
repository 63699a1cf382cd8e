// A stroke that was made already, chosen by a click on it: dragged, deleted, or given what the tools are set to then: colour,
// width, soft edge, opacity.
import { iconButton, make } from '../shared/dom.js';
import { SIDE } from './draw.js';
import { isNamed } from './palette.js';
import { SHAPES } from './shapes.js';
/** @import { Painting } from './strokes.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Tools } from './tools.js' */

const NONE = -1;
const STYLES = { color: 'recolor', size: 'resize', soft: 'soften', opacity: 'fade' }; // changes, by what of the tools they follow

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
  let style = {};    // what the tools were set to when they were last followed
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
      drag = at === NONE ? null : { from: point, by: [0, 0] };
      const chosen = at;
      at = NONE;       // the tools show what the step has, which changes nothing of it
      if (drag) tools.set(styleOf(painting.step(chosen)));
      at = chosen;
      style = { ...tools };
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
    if (tools.tool !== 'select') { at = NONE; show(); return; }
    const before = style;
    style = { ...tools };
    for (const name of Object.keys(styleOf(painting.step(at) ?? {}))) {
      if (STYLES[name] && style[name] !== before[name]) did({ tool: STYLES[name], at, [name]: style[name] });
    }
  });
  task.on('painting', show);
  paper.addEventListener('viewchange', show);
  return selection;
}

// Of a step, as the tools have it: what it has none of stays as it is set.
function styleOf({ color, size, soft = 0, opacity = 1, tool }) {
  return {
    ...(color ? { color, ...(isNamed(color) ? {} : { own: color }) } : {}),
    ...(size ? { size, soft } : {}), ...(size || SHAPES.includes(tool) ? { opacity } : {}),
  };
}
