// A picture is saved, or it is said why not.
import { savePicture } from '../files/save.js';
/** @import { Picture } from '../files/save.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * @param {Task} task
 * @param {Picture | null} picture
 */
export async function saveOrSay(task, picture) {
  try { await savePicture(picture); } catch (problem) { task.emit('notice', { head: problem.error, text: problem.hint, alert: true }); }
}
