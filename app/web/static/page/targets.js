// Where pictures can be sent: every tab that takes one, whether it has been opened yet or not. Gradio mounts a tab when it
// is first shown, so the picture waits in the task's inbox.
import { onestroke } from '../shared/bus.js';
import { followTabs } from './tabs.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function targets({ props, trigger }) {
  for (const target of props.targets) {
    onestroke.register({
      ...target,
      take(picture) {
        onestroke.task(target.task).emit('inbox', { ...picture, at: target.at }, { keep: true });
        onestroke.show(target.task);
      },
    });
  }
  let shows = 0;
  // At once by the tab's own button, which a narrow page keeps in a menu; a newer Gradio may name it differently, so otherwise
  // by way of the server.
  onestroke.show = (tab) => {
    const label = props.targets.find(({ task }) => task === tab)?.tab;
    /** @type {any} */
    const own = document.querySelector(`#tabs [role=tab][data-tab-id="${tab}"]`)
      ?? [...document.querySelectorAll('#tabs .overflow-dropdown button')].find((button) => button.textContent.trim() === label);
    if (own) { own.click(); return; }
    shows += 1;
    props.value = { seq: shows, tab };
    trigger('show');
  };
  followTabs();
}
