// The rail beside the paper: tools, the wedge for the brush's size, undo, redo, clear.
import { iconButton, make, roving, setPressed } from '../shared/dom.js';
import { closeOutside } from '../shared/outside.js';
import { buildToolMenu } from './toolmenu.js';
import { SIZE_MAX, SIZE_MIN } from './tools.js';
import { buildWashPanel } from './washpanel.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Tools } from './tools.js' */

const TOOLS = [
  ['brush', 'Brush', 'Brush  (B)'],
  ['eraser', 'Eraser', 'Eraser: back to paper  (E)'],
  ['fill', 'Fill', 'Fill an area  (F)'],
  ['pick', 'Pick a colour', 'Pick a colour, from the result as well  (I, or hold Alt)'],
];
const PAPER_TOOLS = [...TOOLS, ['select', 'Select', 'Select a stroke: drag, colour or delete it  (S)']];
const SHAPE_TOOLS = [['rect', 'Rectangle', 'R'], ['ellipse', 'Ellipse', 'O'], ['polygon', 'Polygon', 'P']];
const CLEARING = ['New paper', 'New paper; undo brings it back  (Del)'];

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {string} [options.label]
 * @param {string[][]} [options.list]  tools: name, label, tip, and an icon of another name
 * @param {HTMLElement[]} [options.extra]  buttons behind the tools
 * @param {HTMLElement} [options.wash]  what is set of the brush besides its size
 * @param {string[]} [options.clearing]  label and tip of the button that clears
 */
export function buildRail({ task, tools, list = TOOLS, extra = [], wash, clearing = CLEARING, label = 'Painting tools' }) {
  const toolButtons = list.map(([name, text, tip, drawing = name]) =>
    iconButton(drawing, text, { tip, 'data-tool': name, onclick: () => tools.set({ tool: name }) }));
  const act = (name, text, tip, does) => iconButton(name, text, { tip, 'data-do': does, onclick: () => task.do(does) });
  const undo = act('undo', 'Undo', 'Undo  (Ctrl+Z)', 'undo');
  const redo = act('redo', 'Redo', 'Redo  (Ctrl+Shift+Z)', 'redo');
  const clear = act('trash', clearing[0], clearing[1], 'clear');
  const rail = make('div', { className: 'os-rail', role: 'toolbar', 'aria-label': label, 'aria-orientation': 'vertical' },
    ...toolButtons, ...extra, make('hr'), buildWedge(tools, wash), make('hr'), undo, redo, clear);
  const rove = roving(rail, 'button.ib');
  tools.onChange(() => {
    for (const button of toolButtons) setPressed(button, button.dataset.tool === tools.tool);
    rove();
  });
  function refresh(painting) {
    undo.disabled = !painting.canUndo;
    redo.disabled = !painting.canRedo;
    clear.disabled = !painting.clearable;
    rove();
  }
  return { rail, refresh };
}

/**
 * The rail of the paper, which has more than the other tabs.
 * @param {{ task: Task, tools: Tools }} options
 */
export function buildPaperRail({ task, tools }) {
  const shapes = buildToolMenu({ tools, list: SHAPE_TOOLS, label: 'Shapes', tip: 'Rectangle, ellipse, polygon  (R, O, P)' });
  return buildRail({ task, tools, list: PAPER_TOOLS, extra: [shapes], wash: buildWashPanel(tools) });
}

// The brush's size: a wedge that is always there, on a phone behind a button.
function buildWedge(tools, wash) {
  const wedge = make('input', {
    type: 'range', min: SIZE_MIN, max: SIZE_MAX, 'aria-label': 'Brush size', 'aria-orientation': 'vertical',
    title: 'Brush size  ([ and ])', oninput: () => tools.set({ size: +wedge.value }),
  });
  const button = iconButton('size', 'Brush size', {
    'aria-expanded': 'false', onclick: () => open(!box.classList.contains('open')),
  });
  const box = make('div', { className: 'os-size' }, button, make('div', { className: 'well' }, wedge), wash);
  function open(on) {
    box.classList.toggle('open', on);
    button.setAttribute('aria-expanded', String(on));
  }
  closeOutside(() => box.classList.contains('open'), box, () => open(false));
  tools.onChange(() => { wedge.value = tools.size; });
  return box;
}
