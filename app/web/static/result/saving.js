// A picture is saved, or it is said why not. Meanwhile the task says that it is being saved.
import { saveAll, savePicture } from '../files/save.js';
import { onlyPreviews } from '../shared/words.js';
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

/**
 * All of them in one zip. What is no longer the whole picture is told.
 * @param {Task} task
 * @param {Picture[]} pictures
 * @param {string} [name]  of the zip file
 */
export async function saveAllOrSay(task, pictures, name) {
  const previews = await saveAll(pictures, name);
  if (previews) task.emit('notice', onlyPreviews(previews));
}
