// The keys of a tab that has nothing to be painted on.
import { onestroke } from '../shared/bus.js';
import { elsewhere, keyOf } from '../shared/keys.js';
/** @import { Task } from '../shared/task.js' */

/** @param {{ task: Task, visible: () => boolean }} options  the tab, and whether it is shown */
export function bindAskerKeys({ task, visible }) {
  const does = {
    n: () => task.do('reroll'), v: () => task.do('variations', task.chosen), d: () => task.do('download'),
    enter: () => task.do('generate'), escape: () => task.do('stop'), ' ': () => task.do('play'),
    '?': () => onestroke.open('help'),
  };
  // A button or a slider has Space and Enter to itself.
  const pressed = ({ target, key }) => target.matches?.('button, summary, input') && [' ', 'Enter'].includes(key);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || pressed(event) || elsewhere(event, visible)) return;
    const act = does[keyOf(event)];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
