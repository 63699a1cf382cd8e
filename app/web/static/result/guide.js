// Three steps for somebody who is here for the first time, over the lower edge of the result. Each picture brings the next
// one; after the third they are gone, and no later visit sees them again.
import { make } from '../shared/dom.js';
import { noted, noteForGood } from '../shared/store.js';
import { fit } from '../shared/subject.js';
/** @import { Task } from '../shared/task.js' */

const DONE = 'guided';
const STEPS = [
  'Choose a colour below the paper and paint with it',
  'This is your {one}. Each new stroke changes it',
  'Another {one} keeps your strokes; Strength says how closely',
];

/**
 * @param {Task} task
 * @returns {HTMLElement | null} null where they have been seen
 */
export function buildGuide(task) {
  if (noted(DONE)) return null;
  const number = make('b');
  const text = make('span');
  const node = make('p', { className: 'os-guide' }, number, text);
  let at = 0;
  function show() {
    node.hidden = at >= STEPS.length;
    if (node.hidden) { noteForGood(DONE); return; }
    number.textContent = `${at + 1} of ${STEPS.length}`;
    text.textContent = fit(STEPS[at]);
  }
  task.on('settled', () => { at += 1; show(); });
  show();
  return node;
}
