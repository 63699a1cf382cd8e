// The colours of rooms, by what they are for, and the person's own.
import { make, roving } from '../shared/dom.js';
import { fadeMore } from '../shared/fade.js';
import { buildOwn } from './recent.js';
/** @import { Tools } from './tools.js' */

const PALETTE = {
  walls: { Plum: '#6b4a7d', Sage: '#8fa58c', Cream: '#e6dcc8' },
  floor: { Oak: '#b98d5e', Carpet: '#a9a49b' },
  bed: { Linen: '#f4efe6', Mustard: '#d0b23a', Blue: '#3f6fa8' },
  window: { Daylight: '#cfe0f0', Night: '#24324a' },
  things: { Walnut: '#5c4030', 'Lamp light': '#fbe6ae', Plant: '#4f7b46' },
};

/** @param {string} color  #rrggbb */
export const isNamed = (color) => Object.values(PALETTE).some((group) => Object.values(group).includes(color));

/** @param {{ tools: Tools }} options */
export function buildPalette({ tools }) {
  const groups = Object.entries(PALETTE).map(([name, colors]) => {
    const swatches = Object.entries(colors).map(([label, color]) => buildSwatch(tools, color, `${label}, ${name}`, label));
    return buildGroup(name, ...swatches);
  });
  const { own, parts } = buildOwn({ tools, choose: (color) => tools.set({ own: color, color, tool: tools.coloured() }) });
  const all = [...groups, buildGroup('own', own, ...parts)];
  const palette = make('div', { className: 'os-palette', role: 'radiogroup', 'aria-label': 'Colour' }, ...all);
  const swatches = groups.flatMap((group) => [...group.querySelectorAll('.os-swatch')]);
  const reveal = () => bringIntoView(palette, palette.querySelector('[aria-checked=true]'));
  const rove = roving(palette, '.os-swatch[role=radio]');
  tools.onChange(() => {
    const named = swatches.some((node) => node.dataset.color === tools.color);
    for (const node of swatches) node.setAttribute('aria-checked', String(node.dataset.color === tools.color));
    own.setAttribute('aria-checked', String(!named));
    own.classList.toggle('set', Boolean(tools.own));
    if (tools.own) own.style.setProperty('--c', tools.own);
    rove();
    reveal();
  });
  new ResizeObserver(reveal).observe(palette);
  return fadeMore(palette);
}

const FADE = 40; // pixels at its end, where more follows

// Scrolls a row to its middle, where it does not show all of the node.
function bringIntoView(row, node) {
  if (!node || row.scrollWidth <= row.clientWidth) return;
  const [seen, at] = [row, node].map((each) => each.getBoundingClientRect());
  if (at.left < seen.left || at.right > seen.right - FADE) row.scrollLeft += (at.left + at.right - seen.left - seen.right) / 2;
}

function buildGroup(name, ...nodes) {
  const legend = make('span', { className: 'os-legend', 'aria-hidden': 'true', textContent: name });
  return make('div', { className: 'os-group', role: 'group', 'aria-label': name }, legend, ...nodes);
}

function buildSwatch(tools, color, label, tip) {
  const node = make('button', {
    type: 'button', className: 'os-swatch', role: 'radio', 'aria-label': label, 'data-tip': tip,
    onclick: () => tools.set({ color, tool: tools.coloured() }),
  });
  node.dataset.color = color;
  node.style.setProperty('--c', color);
  return node;
}
