// One button for several tools: it shows the one that was chosen last, and a click opens the others beside it.
import { iconButton, make, roving, setPressed } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildPopover } from './popover.js';
/** @import { Tools } from './tools.js' */

/**
 * @param {object} options
 * @param {Tools} options.tools
 * @param {string[][]} options.list  name, label, and key of each tool
 * @param {string} options.label  of the button
 * @param {string} options.tip
 * @returns {HTMLElement}
 */
export function buildToolMenu({ tools, list, label, tip }) {
  let last = list[0][0];
  const button = iconButton(last, label, { tip, className: 'more', 'data-do': 'shapes', 'aria-haspopup': 'menu', onclick: press });
  const items = list.map(([name, text, key]) => make('button', {
    type: 'button', role: 'menuitemradio', 'data-tool': name, onclick: () => choose(name),
  }, icon(name), text, make('kbd', { textContent: key })));
  const menu = make('div', { className: 'os-pop', role: 'menu', 'aria-label': label }, ...items);
  const { node, open } = buildPopover(button, menu);
  roving(menu, 'button');
  function press() {
    tools.set({ tool: last });
    open(menu.hidden);
  }
  function choose(tool) {
    tools.set({ tool });
    open(false);
  }
  tools.onChange(() => {
    const chosen = list.some(([name]) => name === tools.tool);
    if (chosen && tools.tool !== last) { last = tools.tool; button.replaceChildren(icon(last)); }
    setPressed(button, chosen);
    for (const item of items) item.setAttribute('aria-checked', String(item.dataset.tool === tools.tool));
  });
  return node;
}
