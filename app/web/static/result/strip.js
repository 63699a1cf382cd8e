// A row of small pictures with one of them chosen: a listbox. Variations and history are two of these.
import { make, roving } from '../shared/dom.js';
import { fadeMore } from '../shared/fade.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

/**
 * @param {object} options
 * @param {string} options.title
 * @param {HTMLElement} options.root  is filled
 * @param {string} options.note  beside the title
 * @param {HTMLElement[]} options.buttons  behind the note
 * @param {string} options.label  for those who hear the page
 */
export function buildStrip({ root, title, note, buttons, label }) {
  const row = make('div', { className: 'os-row', role: 'listbox', 'aria-label': label, 'aria-orientation': 'horizontal' });
  const subtitle = make('p', { textContent: note });
  const rove = roving(row, '.os-thumb[role=option]');
  root.append(make('header', {}, make('h2', { textContent: title }), subtitle, ...buttons), fadeMore(row));
  const strip = {
    row,
    note(text) { subtitle.textContent = subtitle.title = text; },
    thumb(src, name, does) {
      const onclick = () => { strip.select(node); does(node); };
      const node = make('button', {
        type: 'button', className: 'os-thumb', role: 'option', 'aria-label': name, 'aria-selected': 'false', onclick,
      }, make('img', { src, alt: '', draggable: false }));
      return node;
    },
    select(node) { for (const item of row.children) item.setAttribute?.('aria-selected', String(item === node)); },
    show(...nodes) { row.replaceChildren(...nodes); rove(); },
  };
  return strip;
}

/**
 * @param {Task} task
 * @returns {Operation[]} what its picture is made of, as it is now
 */
export const strokesOf = (task) => structuredClone(task.painting.current());
