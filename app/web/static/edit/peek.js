// Hold O: what was there before, as long as the key is down.
import { typing } from '../shared/keys.js';
/** @import { Task } from '../shared/task.js' */

/** @param {{ task: Task, visible: () => boolean }} options  the tab, and whether it is shown */
export function bindPeek({ task, visible }) {
  const elsewhere = (event) => typing(event.target) || !visible() || document.querySelector('dialog[open]');
  document.addEventListener('keydown', (event) => {
    const alone = !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key.toLowerCase() === 'o' && alone && !elsewhere(event)) task.do('peek', true);
  });
  document.addEventListener('keyup', (event) => { if (event.key.toLowerCase() === 'o') task.do('peek', false); });
  window.addEventListener('blur', () => task.do('peek', false));
}
