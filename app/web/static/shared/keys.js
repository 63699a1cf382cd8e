// Keyboard shortcuts of one task's tab: never while a person types into a field, a dialog is open, or another tab is shown.
import { onestroke } from './bus.js';
/** @import { Tools } from '../surface/tools.js' */
/** @import { Task } from './task.js' */

const LETTERS = 'input:not([type=range], [type=radio], [type=checkbox], [type=color]), textarea, select, [contenteditable]';

// Which way an arrow key goes, to the right and down.
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const PRESSED = 'button, summary, a, input'; // have these two keys to themselves
const PRESSES = ['enter', ' '];

/**
 * @param {any} target  of an event
 * @returns {boolean} whether it is a field that letters are typed into
 */
function typing(target) {
  return Boolean(target.matches?.(LETTERS));
}

/**
 * @param {KeyboardEvent} event
 * @returns {string} its key in lower case. Where the layout has no Latin letters, it is the one that is printed there on
 *   an American keyboard; other layouts keep their own places.
 */
export function keyOf({ key = '', code = '', shiftKey }) { // a field that the browser fills in itself sends no key
  if (!/^\P{ASCII}$/u.test(key)) return key.toLowerCase();
  const [, letter] = /^(?:Key|Digit)(.)$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? { BracketLeft: '[', BracketRight: ']', Slash: shiftKey ? '?' : '/' }[code] ?? key;
}

/**
 * @param {KeyboardEvent} event
 * @param {() => boolean} visible  whether the tab is shown that would hear it
 * @returns {boolean} whether the key is meant for something else
 */
export function elsewhere(event, visible) {
  return event.isComposing || typing(event.target) || !visible() || Boolean(document.querySelector('dialog[open]'));
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {{ fit: () => void, grab: (on: boolean) => void }} options.view
 * @param {() => boolean} options.visible  whether the task's tab is shown
 * @param {Record<string, () => void>} [options.more]  keys in lower case, before the ones that every tab has
 */
export function bindKeys({ task, tools, view, visible, more = {} }) {
  const plain = { ...plainKeys({ task, tools, view }), ...more };
  /** @param {any} target */
  const onPaper = (target) => target === document.body || target.matches?.('.os-paper canvas');

  document.addEventListener('keydown', (event) => {
    const key = keyOf(event);
    if (elsewhere(event, visible) || (PRESSES.includes(key) && event.target.matches?.(PRESSED))) return;
    const command = event.ctrlKey || event.metaKey;
    let does = null;
    if (command && key === 'z') does = () => task.do(event.shiftKey ? 'redo' : 'undo');
    else if (command && key === 'y') does = () => task.do('redo');
    else if (!command && !event.altKey) does = plain[key];
    if (key === ' ' && onPaper(event.target)) { view.grab(true); event.preventDefault(); }
    if (!does) return;
    event.preventDefault();
    does();
  });
  document.addEventListener('keyup', (event) => { if (event.key === ' ') view.grab(false); });
  window.addEventListener('blur', () => view.grab(false));
}

function plainKeys({ task, tools, view }) {
  const chooses = (tool) => () => tools.set({ tool });
  const does = (action) => () => task.do(action);
  return {
    b: chooses('brush'), e: chooses('eraser'), f: chooses('fill'), i: chooses('pick'),
    x: () => tools.swap(),
    '[': () => tools.grow(1 / 1.15),
    ']': () => tools.grow(1.15),
    0: () => view.fit(),
    n: does('reroll'), l: does('lock'), v: does('vary'), c: does('compare'), d: does('download'),
    delete: does('clear'), escape: does('stop'),
    '?': () => onestroke.open('help'),
  };
}
