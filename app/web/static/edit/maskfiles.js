// Masks from files and to files.
import { chooseFiles, toDataUrl } from '../files/choose.js';
import { decoded } from '../files/photos.js';
import { saveFrom } from '../files/save.js';
import { isSameShape } from '../marks/frame.js';
import { WORDS } from '../shared/words.js';
import { firstStep } from './editwords.js';
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

const STRETCHED = { head: 'This mask has another shape than the photo', text: 'It was stretched over all of it.' };
const naturalSize = ({ naturalWidth, naturalHeight }) => ({ width: naturalWidth, height: naturalHeight });

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Marks} options.marks
 * @param {(op: Operation) => void} options.did
 */
export function createMaskFiles({ task, marks, did }) {
  const notice = (detail) => task.emit('notice', detail);
  // A data URL of any picture: white is to be filled.
  async function takeMask(src) {
    const op = { tool: 'picture', src };
    try { await marks.prepare([op]); } catch {
      notice({ head: WORDS.notPicture.error, text: WORDS.notPicture.hint, alert: true });
      return;
    }
    did(op);
    if (!isSameShape(naturalSize(await decoded(src)), marks.photo)) notice(STRETCHED);
  }
  async function openMask() {
    const [file] = await chooseFiles();
    if (!file) return;
    if (!marks.photo) { notice({ head: 'Open a photo first', text: 'The mask is laid over it.' }); return; }
    await takeMask(await toDataUrl(file));
  }
  function saveMask() {
    const url = marks.photo && marks.maskUrl();
    if (url) saveFrom(url, 'onestroke-mask.png');
    else notice({ head: 'There is no mask yet', text: `${firstStep(task)}.` });
  }
  return { takeMask, openMask, saveMask };
}
