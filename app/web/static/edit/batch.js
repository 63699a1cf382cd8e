// Several files with what is set now: sent one by one, edited by the server as many at a time as fit, kept in one zip.
import { saveResult } from '../files/save.js';
import { isSameShape } from '../marks/frame.js';
import { createTimers, watchServer } from '../request/page.js';
import { WORDS } from '../shared/words.js';
import { batchBegins, batchEnded, batchGoesOn } from './batchwords.js';
/** @import { BatchState } from './batchwords.js' */
/** @import { EditKind } from './kinds.js' */
/** @import { Can } from './phototools.js' */
/** @import { Photo, Photos } from '../files/photos.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

const BATCH_MAX = 32;

/**
 * @param {object} options
 * @param {string} options.visitor
 * @param {Task} options.task
 * @param {Photos} options.library
 * @param {() => { mask: string | null, image: string | null }} options.marked  what is drawn, or throws { error, hint }
 * @param {(photo: Photo) => Operation[]} options.ops  what
 *   the history restores a picture by
 * @param {(photo: Photo) => string | null} [options.misfit]  why a photo cannot be edited with what is drawn
 * @param {(value: object) => void} options.post  sends it
 * @param {(message: object) => void} options.cancel
 */
export function createBatch({ task, library, marked, ops, misfit = () => null, post, cancel, visitor }) {
  let seq = 0;
  /** @type {BatchState | null} */
  let running = null;
  const say = (detail) => task.emit('notice', { ...(running ? { choices: [['Stop', stop]], holds: () => Boolean(running) } : {}), ...detail });
  const refuse = (head, text) => say({ head, text, alert: true });
  const timers = createTimers();

  async function run(files) {
    if (running) { say({ head: 'A batch is under way', text: 'Stop it first, or wait for its end.' }); return; }
    if (files.length > BATCH_MAX) { refuse(`Up to ${BATCH_MAX} files at once`, `These are ${files.length}.`); return; }
    let marks;
    try { marks = marked(); } catch (problem) { refuse(problem.error, problem.hint); return; }
    seq += 1;
    const mine = { seq, total: files.length, photos: [], failed: [], noted: [], made: new Set(), began: 0, settings: { ...task.settings } };
    running = mine;
    if (!await sendFiles({ files, mine, library, say, stopped: () => running !== mine })) return;
    leaveOut(mine, misfit);
    if (!mine.photos.length) { end(mine, null); return; }
    mine.began = performance.now();
    const [photos, names] = [mine.photos.map(({ id }) => id), mine.photos.map(({ name }) => name)];
    post({ seq: mine.seq, visitor, kind: 'batch', task: task.name, photos, names, ...marks, settings: mine.settings });
    say(batchBegins(mine));
    watchServer({ timers, waits: () => running === mine, lost: broke });
  }
  function broke() {
    if (!running) return;
    running = null;
    refuse(WORDS.gone.error, 'The batch has ended with it. What was finished is in the history.');
  }
  function heard(answer) {
    const mine = running;
    if (!mine || answer?.seq !== mine.seq || answer.kind !== 'batch') return;
    for (const picture of answer.pictures ?? []) {
      if (mine.made.has(picture.index)) continue;
      mine.made.add(picture.index);
      task.emit('keep', { ...picture, settings: mine.settings, ops: ops(mine.photos[picture.index]) });
    }
    if (answer.state === 'queue' || answer.state === 'step') say(batchGoesOn(mine, answer)); else end(mine, answer);
  }
  function end(mine, answer) {
    running = null;
    timers.clear('server');
    const words = batchEnded(mine, answer);
    if (answer?.final) offer(words, answer.final); else say(words);
  }
  // What could not be had is offered again.
  function offer(words, file) {
    const again = ({ error, hint }) => offer({ head: error, text: hint, alert: true }, file);
    say({ ...words, choices: [['Download zip', () => saveResult(file.result, file.name).catch(again)]] });
  }
  function stop() {
    const mine = running;
    if (!mine) return;
    if (mine.photos.length === mine.total - mine.failed.length) {
      cancel({ visitor, seq: mine.seq, kind: 'batch', task: task.name });
      return;
    }
    running = null; // nothing was asked for yet
    say({ head: 'Stopped', text: 'Nothing was made.' });
  }
  return { run, heard, broke, stop, state: () => ({ running: Boolean(running), made: running?.made.size ?? 0 }) };
}

// What cannot be edited is known before anything is made.
function leaveOut(mine, misfit) {
  mine.photos = mine.photos.filter((photo) => {
    const error = misfit(photo);
    if (error) mine.failed.push({ name: photo.name, error });
    return !error;
  });
}

// The files to the server, one by one. False where the batch was stopped meanwhile.
async function sendFiles({ files, mine, library, say, stopped }) {
  for (const [i, file] of files.entries()) {
    say({ head: `Sending picture ${i + 1} of ${files.length}`, text: file.name });
    const photo = await library.open(file, { batch: true }).catch((problem) => {
      mine.failed.push({ name: file.name, error: problem?.error ?? WORDS.notPicture.error });
      return null;
    });
    if (stopped()) return false;
    if (photo) mine.photos.push(photo);
    if (photo?.note) mine.noted.push({ name: file.name, note: photo.note });
  }
  return true;
}

const MARK_FIRST = {
  error: 'Mark one photo first', hint: 'All files are filled where that one is marked, so they need its shape.',
};

/**
 * A batch with what is marked on the photo that is open.
 * @param {object} options
 * @param {Task} options.task
 * @param {string} options.visitor
 * @param {(value: object) => void} options.post
 * @param {(message: object) => void} options.cancel
 * @param {Can} options.can
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {Photos} options.library
 */
export function createPhotoBatch({ task, can, kind, marks, library, visitor, post, cancel }) {
  const drawn = () => (marks.photo ? marks.current().filter(({ tool }) => !['photo', 'square', 'frame'].includes(tool)) : []);
  return createBatch({
    task, library, visitor, post, cancel,
    marked() {
      if (can.masks && marks.untouched) throw MARK_FIRST;
      return { mask: marks.photo ? marks.maskUrl() : null, image: can.colours && marks.photo ? marks.inkUrl() : null };
    },
    misfit({ width, height }) {
      const drawnOn = drawn().length ? marks.photo : null;
      if (!drawnOn || isSameShape({ width, height }, drawnOn)) return null;
      return `It has ${width} x ${height} pixels, the photo that is marked ${drawnOn.width} x ${drawnOn.height}: they need the same shape`;
    },
    ops: (photo) => [{ tool: 'photo', key: photo.key, square: kind.homeSquare(photo) }, ...drawn()],
  });
}
