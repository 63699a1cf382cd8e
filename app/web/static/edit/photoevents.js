// What the tab of a photo hears, and what follows from it.
import { hearControls } from '../shared/hearing.js';
import { newSeed } from '../shared/seeds.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Picture } from '../files/save.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * The button that asks is there where changes do not ask by themselves.
 * @param {Task} task
 */
export function showByHand(task) {
  document.querySelector(`#${task.name}-settings`)?.classList.toggle('by-hand', task.settings.auto === false);
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {HTMLElement} options.root
 * @param {any} options.loop
 * @param {(answer: object) => void} options.hear  what an answer says beside its picture
 * @param {(sent: Picture) => void} options.takePicture
 * @param {() => void} options.changed
 * @param {() => void} options.keep
 * @param {(event: string) => void} options.trigger
 */
export function hearPhotoTask({ root, task, loop, hear, takePicture, changed, keep, trigger }) {
  task.on('answer', (answer) => {
    if (!answer?.seq) return;
    if (loop.current(answer)) hear(answer);
    else loop.answered(answer);
  });
  task.on('inbox', (sent) => { if (sent) takePicture(sent); });
  task.on('painted', () => {
    if (!task.locked) task.write({ seed: newSeed(task.settings.seed) }, { quiet: true });
    changed();
  });
  task.on('drawing', (on) => { root.classList.toggle('os-drawing', on); });
  task.on('tools', keep);
  task.on('write', () => trigger('settings'));
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {string[]} options.names  of the settings
 * @param {EditKind} options.kind
 * @param {(how: { setting: boolean }) => void} options.ask  for a picture with the changed setting
 * @param {() => void} options.keep
 */
export function hearSettings({ task, names, kind, ask, keep }) {
  task.on('setting', ({ key }) => {
    if (key === 'keepMask' || key === 'maskColour') { keep(); return; }
    if (key === 'auto') showByHand(task);
    // Set by hand, it is not to be estimated.
    if (key === kind.estimates?.setting && task.settings.estimate) task.write({ estimate: false }, { quiet: true });
    keep();
    ask({ setting: true });
  });
  hearControls({ task, names });
}
