// Soft edge and opacity of the brush, in a panel behind a dab that looks like the brush.
import { make } from '../shared/dom.js';
import { buildPopover } from './popover.js';
/** @import { Tools } from './tools.js' */

const NAME = 'Soft edge and opacity';
const OPACITY_MIN = 0.1;

/**
 * @param {Tools} tools
 * @returns {HTMLElement}
 */
export function buildWashPanel(tools) {
  const button = make('button', {
    type: 'button', className: 'ib os-dab', 'aria-label': NAME, 'data-tip': NAME, 'data-do': 'wash', onclick: () => open(panel.hidden),
  });
  const soft = buildShare('Soft edge', 0, (value) => tools.set({ soft: value }));
  const opacity = buildShare('Opacity', OPACITY_MIN, (value) => tools.set({ opacity: value }));
  const panel = make('div', { className: 'os-pop os-wash', role: 'group', 'aria-label': NAME }, soft.node, opacity.node);
  const { node, open } = buildPopover(button, panel);
  tools.onChange(() => {
    soft.show(tools.soft);
    opacity.show(tools.opacity);
    button.style.cssText = `--soft:${100 * (1 - tools.soft)}%;--opacity:${tools.opacity}`;
  });
  return node;
}

function buildShare(name, low, set) {
  const said = make('output');
  const input = make('input', { type: 'range', min: 100 * low, max: 100, step: 5, oninput: () => set(+input.value / 100) });
  return {
    node: make('label', {}, make('span', { textContent: name }), said, input),
    show(value) {
      input.value = Math.round(100 * value);
      input.style.setProperty('--done', `${100 * (value - low) / (1 - low)}%`);
      said.textContent = `${input.value} %`;
    },
  };
}
