// The tools and what they are set to: rail, size wedge, palette, size ring. Owns no painting.
import { clamp, iconButton, make, roving, setPressed } from '../shared/dom.js';
import { SIDE } from './draw.js';

const PALETTE = {
  walls: { Plum: '#6b4a7d', Sage: '#8fa58c', Cream: '#e6dcc8' },
  floor: { Oak: '#b98d5e', Carpet: '#a9a49b' },
  bed: { Linen: '#f4efe6', Mustard: '#d0b23a', Blue: '#3f6fa8' },
  window: { Daylight: '#cfe0f0', Night: '#24324a' },
  things: { Walnut: '#5c4030', 'Lamp light': '#fbe6ae', Plant: '#4f7b46' },
};
const SIZE_MIN = 2;
const SIZE_MAX = 72;
const TOOLS = [
  ['brush', 'Brush', 'Brush  (B)'],
  ['eraser', 'Eraser', 'Eraser: back to paper  (E)'],
  ['fill', 'Fill', 'Fill an area  (F)'],
  ['pick', 'Pick a colour', 'Pick a colour  (I, or hold Alt)'],
];

export function createTools({ task, saved = {} }) {
  const listeners = [];
  const tools = {
    tool: 'brush', color: '#d0b23a', other: '#6b4a7d', own: null, size: 30, follow: false, pressure: true, ...saved,
    before: 'brush',
    set(change) {
      if (change.tool && change.tool !== tools.tool) tools.before = tools.tool;
      if (change.color && change.color !== tools.color) tools.other = tools.color;
      if (change.size !== undefined) change.size = clamp(Math.round(change.size), SIZE_MIN, SIZE_MAX);
      Object.assign(tools, change);
      for (const listener of listeners) listener();
      task.emit('tools', tools);
    },
    back() { tools.set({ tool: tools.before === 'pick' ? 'brush' : tools.before }); },
    swap() { tools.set({ color: tools.other }); },
    setOwn(color) { tools.set({ own: color, color }); },
    grow(factor) { tools.set({ size: factor > 1 ? Math.max(tools.size + 1, tools.size * factor) : Math.min(tools.size - 1, tools.size * factor) }); },
    onChange(listener) { listeners.push(listener); listener(); },
    save() { const { tool, color, other, own, size } = tools; return { tool, color, other, own, size }; },
  };
  return tools;
}

export function buildRail({ task, tools, list = TOOLS, extra = [], clearing = ['New paper', 'New paper; undo brings it back  (Del)'], label = 'Painting tools' }) {
  const toolButtons = list.map(([name, label, tip, drawing = name]) => iconButton(drawing, label, { tip, 'data-tool': name, onclick: () => tools.set({ tool: name }) }));
  const wedge = make('input', { type: 'range', min: SIZE_MIN, max: SIZE_MAX, 'aria-label': 'Brush size', 'aria-orientation': 'vertical', title: 'Brush size  ([ and ])', oninput: () => tools.set({ size: +wedge.value }) });
  const sizeButton = iconButton('size', 'Brush size', { 'aria-expanded': 'false', onclick: () => openWedge(!box.classList.contains('open')) });
  const box = make('div', { className: 'os-size' }, sizeButton, make('div', { className: 'well' }, wedge));
  function openWedge(on) {
    box.classList.toggle('open', on);
    sizeButton.setAttribute('aria-expanded', String(on));
  }
  document.addEventListener('pointerdown', (event) => { if (!box.contains(event.target)) openWedge(false); });
  const act = (name, label, tip, does) => iconButton(name, label, { tip, 'data-do': does, onclick: () => task.do(does) });
  const undo = act('undo', 'Undo', 'Undo  (Ctrl+Z)', 'undo');
  const redo = act('redo', 'Redo', 'Redo  (Ctrl+Shift+Z)', 'redo');
  const clear = act('trash', ...clearing, 'clear');
  const rail = make('div', { className: 'os-rail', role: 'toolbar', 'aria-label': label, 'aria-orientation': 'vertical' },
    ...toolButtons, ...extra, make('hr'), box, make('hr'), undo, redo, clear);
  const rove = roving(rail, 'button.ib');
  tools.onChange(() => {
    for (const button of toolButtons) setPressed(button, button.dataset.tool === tools.tool);
    wedge.value = tools.size;
    rove();
  });
  return { rail, refresh(painting) { undo.disabled = !painting.canUndo; redo.disabled = !painting.canRedo; clear.disabled = painting.untouched; rove(); } };
}

export function buildPalette({ tools }) {
  const swatches = [];
  const swatch = (color, label, tip) => {
    const node = make('button', { type: 'button', className: 'os-swatch', role: 'radio', 'aria-label': label, 'data-tip': tip, onclick: () => tools.set({ color: node.dataset.color, tool: 'brush' }) });
    node.dataset.color = color;
    node.style.setProperty('--c', color);
    swatches.push(node);
    return node;
  };
  const group = (name, ...nodes) => make('div', { className: 'os-group', role: 'group', 'aria-label': name }, make('span', { className: 'os-legend', 'aria-hidden': 'true', textContent: name }), ...nodes);
  const groups = Object.entries(PALETTE).map(([name, colors]) => group(name, ...Object.entries(colors).map(([label, color]) => swatch(color, `${label}, ${name}`, label))));
  const chooser = make('input', { type: 'color', className: 'os-chooser', tabIndex: -1, 'aria-hidden': 'true', oninput: () => tools.set({ own: chooser.value, color: chooser.value, tool: 'brush' }) });
  const own = make('button', { type: 'button', className: 'os-swatch own os-end', role: 'radio', 'aria-label': 'Own colour', 'data-tip': 'Any colour', onclick: () => { chooser.value = tools.own ?? tools.color; if (tools.own) tools.set({ color: tools.own, tool: 'brush' }); openChooser(); } });
  function openChooser() { try { chooser.showPicker(); } catch { chooser.click(); } }
  const palette = make('div', { className: 'os-palette', role: 'radiogroup', 'aria-label': 'Colour' }, ...groups, group('own', own, chooser));
  const rove = roving(palette, '.os-swatch');
  tools.onChange(() => {
    const named = swatches.some((node) => node.dataset.color === tools.color);
    for (const node of swatches) node.setAttribute('aria-checked', String(node.dataset.color === tools.color));
    own.setAttribute('aria-checked', String(!named));
    own.classList.toggle('set', Boolean(tools.own));
    if (tools.own) own.style.setProperty('--c', tools.own);
    rove();
  });
  return palette;
}

// The ring that shows the brush's true size under the pointer; for fill and pick a small cross-hair ring.
export function buildRing({ paper, canvas, tools, view }) {
  const ring = make('div', { className: 'os-cursor' });
  let at = null;
  const show = () => {
    if (!at) return;
    const box = paper.getBoundingClientRect();
    const side = tools.tool === 'fill' || tools.tool === 'pick' ? 10 : Math.max(4, tools.size * view.zoom * box.width / SIDE);
    ring.style.cssText = `left:${at[0] - box.left}px;top:${at[1] - box.top}px;width:${side}px;height:${side}px`;
    ring.style.setProperty('--c', tools.tool === 'brush' || tools.tool === 'fill' ? tools.color : 'transparent');
  };
  canvas.addEventListener('pointermove', (event) => { at = [event.clientX, event.clientY]; ring.classList.toggle('on', event.pointerType !== 'touch'); show(); });
  canvas.addEventListener('pointerleave', () => ring.classList.remove('on'));
  paper.addEventListener('viewchange', show);
  tools.onChange(show);
  return ring;
}
