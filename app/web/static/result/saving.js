// A picture is saved, or it is said why not. Meanwhile the task says that it is being saved.
import { savePicture } from '../files/save.js';
/** @import { Picture } from '../files/save.js' */
/** @import { Task } from '../shared/task.js' */

/** @type {WeakSet<Task>} those of which a picture is being saved */
const saved = new WeakSet();

/**
 * @param {Task} task
 * @param {Picture | null} picture
 */
export async function saveOrSay(task, picture) {
  if (saved.has(task)) return;
  saved.add(task);
  task.emit('saving', true);
  try { await savePicture(picture); } catch (problem) {
    task.emit('notice', { head: problem.error, text: problem.hint, alert: true });
  } finally {
    saved.delete(task);
    task.emit('saving', false);
  }
}
