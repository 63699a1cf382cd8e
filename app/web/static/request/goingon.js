// What was asked for when the server was lost is asked for again when it is back: by the loop, or after a reload, which Gradio
// does by itself then.
import { WORDS } from '../shared/words.js';
/** @import { Task } from '../shared/task.js' */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {() => void} options.keep  what `value` gives
 */
export function noteLost({ task, keep }) {
  /** @type {{ varied: string | null } | null} */
  let lost = null;
  task.on('state', ({ error }) => {
    const now = error === WORDS.gone.error ? { varied: task.varied?.png ?? null } : null;
    if (!now && !lost) return;
    lost = now;
    keep();
  });
  return { value: () => lost };
}

/**
 * @param {Task} task
 * @param {{ varied: string | null } | null | undefined} lost  what `value` gave before the reload
 */
export function askLostAgain(task, lost) {
  if (lost?.varied) task.do('variations', { png: lost.varied });
  else if (lost) task.do('generate');
}
