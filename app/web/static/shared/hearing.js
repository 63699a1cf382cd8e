// What the controls say, read from the page itself where Gradio does not tell: without a server it drops every event, those
// that need none as well, and reloads the page when the server is back.
/** @import { Task } from './task.js' */

const TOLD_MS = 500;   // Gradio tells sooner, if it does

/** @param {{ task: Task, names: string[] }} options  names of the settings, as the controls have them */
export function hearControls({ task, names }) {
  const find = (name) => document.getElementById(`${task.name}-${name.replaceAll('_', '-')}`);
  document.addEventListener('change', (event) => {
    const name = names.find((each) => find(each)?.contains(/** @type {Node} */ (event.target)));
    if (!name) return;
    setTimeout(() => {
      const said = shownIn(find(name), typeof task.settings[name]);
      if (said !== undefined) task.set(name, said);
    }, TOLD_MS);
  });
}

// The value of a control: the box, the chosen one of several, or the number; undefined for what is no value.
function shownIn(control, kind) {
  const box = control?.querySelector('input[type=checkbox]');
  if (box) return box.checked;
  const field = control?.querySelector('input[type=radio]:checked') ?? control?.querySelector('input[type=number], input[type=range]');
  if (!field || field.value === '') return undefined;
  return kind === 'number' ? Number(field.value) : field.value;
}
