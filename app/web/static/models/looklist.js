// A list with a search, as a combobox: letters narrow it, arrow keys move in it, Enter takes, Escape leaves.
import { make } from '../shared/dom.js';
import { matching } from './search.js';

const MOST_SHOWN = 60;

/**
 * @param {object} options
 * @param {string[]} options.looks
 * @param {string} options.label
 * @param {string} options.name  for ids
 * @param {(look: string) => void} options.choose
 */
export function buildLookList({ looks, label, name, choose }) {
  let chosen = looks[0];
  let active = -1;
  const list = make('ul', { id: `${name}-list`, role: 'listbox', 'aria-label': label, hidden: true });
  const field = make('input', {
    type: 'text', id: `${name}-search`, role: 'combobox', autocomplete: 'off', spellcheck: false, 'aria-autocomplete': 'list',
    'aria-controls': list.id, 'aria-expanded': 'false',
  });
  const title = make('label', { htmlFor: field.id, textContent: `${label}, of ${looks.length}` });
  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role=option]')]);

  function open(typed) {
    const found = matching(looks, typed, MOST_SHOWN);
    list.replaceChildren(...found.map((look, i) => make('li', {
      id: `${name}-option-${i}`, role: 'option', 'aria-selected': String(look === chosen), textContent: look, onclick: () => take(look),
    })));
    if (!found.length) list.append(make('li', { textContent: 'None of them has this in its name' }));
    list.hidden = false;
    field.setAttribute('aria-expanded', 'true');
    move(found.length ? Math.max(0, found.indexOf(chosen)) : -1);
  }
  function close() {
    list.hidden = true;
    field.value = chosen;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
  }
  function move(to) {
    active = to;
    for (const [i, option] of options().entries()) option.classList.toggle('active', i === to);
    const option = options()[to];
    if (!option) { field.removeAttribute('aria-activedescendant'); return; }
    field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }
  function take(look) {
    chosen = look;
    close();
    choose(look);
  }
  const keys = {
    ArrowDown() { if (list.hidden) open(''); else move((active + 1) % Math.max(1, options().length)); },
    ArrowUp() { if (list.hidden) open(''); else move((active + options().length - 1) % Math.max(1, options().length)); },
    Enter() { const option = options()[active]; if (!list.hidden && option) take(option.textContent); },
    Escape: close,
  };
  field.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.isComposing) return;
    event.preventDefault();
    keys[event.key]();
  });
  field.addEventListener('input', () => open(field.value));
  field.addEventListener('click', () => { field.select(); if (list.hidden) open(''); });
  field.addEventListener('blur', close);
  list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus
  return { nodes: [title, make('div', { className: 'os-combo' }, field, list)], show(look) { chosen = look; close(); } };
}
