// Answers of several pictures.
import { decoded } from '../files/photos.js';
import { arrived } from './status.js';
/** @import { Task } from '../shared/task.js' */

/**
 * Hears the task's answers. Their pictures are shown once all of them are decoded, unless the answer is old by then.
 * @param {Task} task
 * @param {(answer: any) => void} show
 */
export function hearPictures(task, show) {
  task.on('answer', async (answer) => {
    if (!answer?.seq || !task.loop?.current(answer)) return;
    if (answer.pictures?.length) {
      await Promise.all(answer.pictures.map((picture) => decoded(picture.src).catch(() => null)));
      if (!task.loop.current(answer)) return;
      show(answer);
      arrived(task, answer);
    }
    task.loop.answered(answer);
  });
}
