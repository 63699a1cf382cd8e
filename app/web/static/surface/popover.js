// What a button opens beside itself, and a click elsewhere or Escape closes.
import { make } from '../shared/dom.js';

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
  document.addEventListener('pointerdown', (event) => {
    if (!panel.hidden && !node.contains(/** @type {Node} */ (event.target))) open(false);
  });
  open(false);
  return { node, open };
}
