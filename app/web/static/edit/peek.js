// Hold O: what was there before, as long as the key is down.
import { elsewhere, keyOf } from '../shared/keys.js';
/** @import { Task } from '../shared/task.js' */

/** @param {{ task: Task, visible: () => boolean }} options  the tab, and whether it is shown */
export function bindPeek({ task, visible }) {
  document.addEventListener('keydown', (event) => {
    const alone = !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (keyOf(event) === 'o' && alone && !elsewhere(event, visible)) task.do('peek', true);
  });
  document.addEventListener('keyup', (event) => { if (keyOf(event) === 'o') task.do('peek', false); });
  window.addEventListener('blur', () => task.do('peek', false));
}
