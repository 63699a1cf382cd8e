// The swatch of one's own colour: the browser's chooser, and the colours that were used lately.
import { make } from '../shared/dom.js';
import { hearOutside } from '../shared/outside.js';
/** @import { Tools } from './tools.js' */

/**
 * @param {object} options
 * @param {Tools} options.tools
 * @param {(color: string) => void} options.choose  a colour
 * @returns {{ own: HTMLButtonElement, parts: HTMLElement[] }} the swatch, and what belongs beside it
 */
export function buildOwn({ tools, choose }) {
  const chooser = make('input', {
    type: 'color', className: 'os-chooser', tabIndex: -1, 'aria-hidden': 'true', oninput: () => choose(chooser.value),
  });
  const panel = make('div', { className: 'os-pop os-recent', popover: 'auto', role: 'group', 'aria-label': 'Recent colours' });
  const own = make('button', {
    type: 'button', className: 'os-swatch own os-end', role: 'radio', 'aria-label': 'Own colour', 'data-tip': 'Any colour',
    onclick: () => { if (tools.recent.length) show(); else openChooser(); },
  });
  function openChooser() {
    chooser.value = tools.own ?? tools.color;
    if (tools.own) choose(tools.own);
    try { chooser.showPicker(); } catch { chooser.click(); }
  }
  function swatch(color) {
    const node = make('button', {
      type: 'button', className: 'os-swatch', 'aria-label': `Recent colour ${color}`, title: color,
      onclick: () => { panel.hidePopover(); choose(color); },
    });
    node.style.setProperty('--c', color);
    return node;
  }
  const any = make('button', {
    type: 'button', className: 'os-sm secondary', textContent: 'Any colour', onclick: () => { panel.hidePopover(); openChooser(); },
  });
  function show() {
    panel.replaceChildren(make('div', {}, ...tools.recent.map(swatch)), any);
    panel.showPopover();
    const at = own.getBoundingClientRect();
    panel.style.left = `${Math.max(8, at.right - panel.offsetWidth)}px`;
    panel.style.top = `${Math.max(8, at.top - panel.offsetHeight - 10)}px`;
    panel.querySelector('button').focus({ preventScroll: true });
  }
  // The browser closes it itself.
  hearOutside(({ target }) => panel.matches(':popover-open') && !panel.contains(/** @type {Node} */ (target)));
  panel.addEventListener('toggle', (/** @type {any} */ { newState }) => own.setAttribute('aria-expanded', String(newState === 'open')));
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation(); // elsewhere it stops what is being made
    panel.hidePopover();
    own.focus();
  });
  return { own, parts: [chooser, panel] };
}
