// Short ways to build the page's elements. Text goes in as textContent only: nothing a person or a file says is markup.
import { icon } from './icons.js';

/**
 * @param {string} tag
 * @param {object} [attributes]  properties, attributes, and listeners as `onclick`; null and undefined are left out
 * @param {...(Node | string | null | undefined)} children
 * @returns {any} the element, of the tag's own class
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && !key.startsWith('aria') && key !== 'list') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * A button that is only an icon.
 * @param {string} name  of the icon
 * @param {string} label  for those who hear the page
 * @param {any} [attributes]  `tip` is shown under the pointer; otherwise as for `make`
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, label, { tip, className = '', ...attributes } = {}) {
  return make('button', { type: 'button', className: `ib ${className}`, 'aria-label': label, 'data-tip': tip ?? label, ...attributes }, icon(name));
}

/**
 * @param {HTMLElement} button
 * @param {boolean} on
 */
export function setPressed(button, on) { button.setAttribute('aria-pressed', String(on)); }

/**
 * Arrow keys move inside a group and Tab leaves it, as toolbars and radio groups do.
 * @param {HTMLElement} group
 * @param {string} selector  of its items
 * @returns {() => void} to be called when items came or went
 */
export function roving(group, selector) {
  /** @returns {any[]} */
  const found = () => [...group.querySelectorAll(selector)];
  const items = () => found().filter((item) => !item.disabled && item.offsetParent);
  const rove = (chosen) => { for (const item of found()) item.tabIndex = item === chosen ? 0 : -1; };
  group.addEventListener('focusin', (event) => {
    const item = /** @type {Element} */ (event.target).closest(selector);
    if (item) rove(item);
  });
  group.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const all = items();
    const at = all.indexOf(/** @type {Element} */ (event.target).closest(selector));
    if (at < 0) return;
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? all.length - 1 : at + (steps[event.key] ?? 0);
    if (to === at && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  });
  return () => {
    const all = items().length ? items() : found(); // nothing is seen of a group that is being built
    const stops = all.filter((item) => item.tabIndex === 0);
    if (all.length && stops.length !== 1) rove(all.find((item) => item.getAttribute('aria-checked') === 'true') ?? stops[0] ?? all[0]);
  };
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {number} the nearest from low to high
 */
export function clamp(value, low, high) { return Math.min(high, Math.max(low, value)); }

/** @returns {boolean} whether the page is for fingers */
export const byFinger = () => matchMedia('(pointer: coarse)').matches;

/** @returns {boolean} whether the person asked for a page without motion */
export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
