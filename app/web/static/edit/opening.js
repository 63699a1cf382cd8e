// Photos that come in: chosen, dropped, pasted, from an example or from another tab's result.
import { recordIn } from '../files/png.js';
import { bestFile } from '../files/save.js';
import { note } from '../shared/problems.js';
import { onlyPreviews, WORDS } from '../shared/words.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Photos } from '../files/photos.js' */
/** @import { PictureRecord } from '../files/png.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

const LARGE_ALREADY = { head: 'It was made larger before', text: 'Enlarged once more, it gains pixels but no detail.' };
const NO_PICTURE = { head: 'There is no picture to paste', text: 'Copy one first.' };
const NO_CLIPBOARD = { head: 'The browser does not let the page read the clipboard', text: 'Press Ctrl+V instead.' };

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {Photos} options.library
 * @param {{ set: (mode: null) => void }} options.modes
 * @param {(op: Operation) => void} options.did
 * @param {(record: PictureRecord) => void} options.useRecord
 */
export function createOpening({ task, kind, marks, library, modes, did, useRecord }) {
  const notice = (detail) => task.emit('notice', detail);
  let before = { name: 'idle' }; // the state besides that of opening
  task.on('state', (state) => { if (state.name !== 'sending') before = state; });
  // The same square and, if that is wished, the same mask where the new photo is as large as the one before it.
  function operationOf(photo) {
    const same = marks.photo && marks.photo.width === photo.width && marks.photo.height === photo.height;
    const square = same ? marks.square : kind.homeSquare(photo);
    return { tool: 'photo', key: photo.key, square, ...(task.settings.keepMask && same ? { keep: true } : {}) };
  }
  // The photo, or null where it could not be opened, which is then said.
  async function open(file) {
    task.emit('state', { name: 'sending' }, { keep: true });
    try {
      const photo = await library.open(file);
      modes.set(null);
      did(operationOf(photo));
      if (photo.note) notice({ head: photo.note.replace(/\.$/, ''), text: '' });
      return photo;
    } catch (problem) {
      refused(file, problem?.error ? problem : WORDS.notPicture);
      if (!problem?.error) console.debug(problem);
      return null;
    }
  }
  // What is on the page stays as it was. Only a file that did not arrive may be better off the next time.
  function refused(file, problem) {
    note(problem.error);
    task.emit('state', before, { keep: true });
    const again = problem === WORDS.notSent ? ['Try again', () => open(file)] : ['Open another photo', () => task.do('open')];
    notice({ head: problem.error, text: problem.hint, alert: true, choices: [again] });
  }
  async function takeFile(file) {
    const record = await recordIn(file);
    const photo = await open(file);
    const twice = kind.enlarges && record?.enlarged;
    if (record?.task !== task.name) {
      if (twice && photo) notice({ ...LARGE_ALREADY, text: [LARGE_ALREADY.text, photo.note].filter(Boolean).join(' ') });
      return;
    }
    const choices = [['Use settings', () => useRecord(record)], ['Only the picture', () => {}]];
    notice({ head: 'This picture carries its settings', text: [twice && `${LARGE_ALREADY.head}.`, 'Use them?', photo?.note].filter(Boolean).join(' '), choices, holds: () => marks.photo === photo });
  }
  async function takePicture(sent) {
    const best = await bestFile(sent);
    if (!best) { notice({ head: WORDS.resultGone.error, text: WORDS.resultGone.hint, alert: true }); return; }
    await open(new File([best.blob], 'result.png', { type: best.blob.type }));
    if (best.preview) notice(onlyPreviews(1));
  }
  async function paste() {
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((each) => each.startsWith('image/'));
        if (type) { await takeFile(new File([await item.getType(type)], 'pasted', { type })); return; }
      }
      notice(NO_PICTURE);
    } catch { notice(NO_CLIPBOARD); }
  }
  return { open, takeFile, takePicture, paste };
}
