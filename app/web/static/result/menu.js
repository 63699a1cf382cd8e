// Where a picture can go: filled by the tabs that exist, hidden while there is nowhere to go.
import { onestroke } from '../shared/bus.js';
import { iconButton, make, roving } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { closeOutside } from '../shared/outside.js';
/** @import { Picture } from '../files/save.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {() => Picture | null} options.picture  what is sent
 * @param {boolean} [options.word]  whether there is room for its name
 * @returns {{ node: HTMLElement, button: HTMLButtonElement }}
 */
export function buildMenu({ task, picture, word = false }) {
  const list = make('div', { role: 'menu', hidden: true });
  const about = { 'data-do': 'menu', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => open(list.hidden) };
  const button = word
    ? make('button', { type: 'button', className: 'os-word', title: 'Send to another tab', ...about }, icon('send'), 'Send to')
    : iconButton('send', 'Send to', about);
  const node = make('div', { className: 'os-menu' }, button, list);
  function open(on) {
    list.hidden = !on;
    button.setAttribute('aria-expanded', String(on));
    if (on) list.querySelector('button')?.focus();
  }
  function send(target) {
    open(false);
    const sent = picture();
    if (sent) target.take(sent);
  }
  function refresh() {
    const targets = targetsFor(task.name);
    node.hidden = !targets.length;
    list.replaceChildren(...targets.map((target) => {
      const hint = make('span', { textContent: target.hint });
      return make('button', { type: 'button', role: 'menuitem', onclick: () => send(target) }, target.label, hint);
    }));
  }
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); open(false); button.focus(); }
  });
  roving(list, 'button');
  closeOutside(() => !list.hidden, node, () => open(false));
  document.addEventListener('onestroke-targets', refresh);
  refresh();
  return { node, button };
}

// Those within the same tab first.
function targetsFor(name) {
  const isFor = (target) => target.everywhere || (target.from ? target.from.includes(name) : target.task !== name);
  return onestroke.targets.filter(isFor).sort((a, b) => Number(Boolean(b.from)) - Number(Boolean(a.from)));
}
