// What a button opens beside itself, and a click elsewhere or Escape closes.
import { make } from '../shared/dom.js';
import { closeOutside } from '../shared/outside.js';

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} panel  hidden at first
 * @returns {{ node: HTMLElement, open: (on: boolean) => void }} both in one element
 */
export function buildPopover(button, panel) {
  const node = make('div', { className: 'os-popover' }, button, panel);
  function open(on) {
    panel.hidden = !on;
    button.setAttribute('aria-expanded', String(on));
    if (on) /** @type {HTMLElement | null} */ (panel.querySelector('[aria-checked=true], button, input'))?.focus({ preventScroll: true });
  }
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    event.stopPropagation();
    open(false);
    button.focus();
  });
  closeOutside(() => !panel.hidden, node, () => open(false));
  open(false);
  return { node, open };
}
