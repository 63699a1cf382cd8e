// Several files with what is set now: sent one by one, edited by the server as many at a time as fit, kept in one zip.
import { resultAddress, saveFrom } from '../files/zip.js';
import { createTimers, watchServer } from '../request/page.js';
import { WORDS } from '../shared/words.js';

const BATCH_MAX = 32;

// marked(): { mask, image } of what is drawn, or a throw with { error, hint }; ops(photo): what history restores a picture by.
export function createBatch({ task, library, marked, ops, post, cancel, visitor }) {
  let seq = 0;
  let running = null;   // { seq, total, photos: those at the server, failed, made: their numbers, settings }
  const timers = createTimers();
  const notice = (detail) => task.emit('notice', detail);
  const choices = () => [['Stop', stop]];

  async function run(files) {
    if (running) { notice({ head: 'A batch is under way', text: 'Stop it first, or wait for its end.', choices: choices() }); return; }
    if (files.length > BATCH_MAX) { notice({ head: `Up to ${BATCH_MAX} files at once`, text: `These are ${files.length}.`, alert: true }); return; }
    let marks;
    try { marks = marked(); } catch (problem) { notice({ head: problem.error, text: problem.hint, alert: true }); return; }
    seq += 1;
    const settings = { ...task.settings };
    const mine = { seq, total: files.length, photos: [], failed: [], made: new Set(), settings };
    running = mine;
    for (const [i, file] of files.entries()) {
      notice({ head: `Sending picture ${i + 1} of ${files.length}`, text: file.name, choices: choices() });
      const photo = await library.open(file, { batch: true }).catch((problem) => { mine.failed.push({ name: file.name, error: problem?.error ?? WORDS.notPicture.error }); return null; });
      if (running !== mine) return;
      if (photo) mine.photos.push(photo);
    }
    if (!mine.photos.length) { end(mine, null); return; }
    post({ seq: mine.seq, visitor, kind: 'batch', task: task.name, photos: mine.photos.map(({ id }) => id), names: mine.photos.map(({ name }) => name), ...marks, settings });
    notice({ head: `${mine.photos.length} pictures are at the server`, text: 'The first answer comes in a moment.', choices: choices() });
    watchServer({ timers, waits: () => running === mine, lost: broke });
  }
  function broke() {
    if (!running) return;
    running = null;
    notice({ head: WORDS.gone.error, text: 'The batch has ended with it. What was finished is in the history.', alert: true });
  }

  function heard(answer) {
    const mine = running;
    if (!mine || answer?.seq !== mine.seq || answer.kind !== 'batch') return;
    for (const picture of answer.pictures ?? []) {
      if (mine.made.has(picture.index)) continue;
      mine.made.add(picture.index);
      task.emit('keep', { ...picture, settings: mine.settings, ops: ops(mine.photos[picture.index]) });
    }
    if (answer.state === 'queue') { notice({ head: answer.queue_position ? `Place ${answer.queue_position} in the line` : 'The model is loading', text: done(mine), choices: choices() }); return; }
    if (answer.state !== 'step') { end(mine, answer); return; }
    const which = answer.first === answer.file ? `Picture ${answer.file}` : `Pictures ${answer.first} to ${answer.file}`;
    notice({ head: `${which} of ${answer.files}`, text: `Step ${Math.max(answer.step, 1)} of ${answer.steps}. ${done(mine)}`, choices: choices() });
  }
  const done = (mine) => `${mine.made.size} of ${mine.total} are ready.`;
  function end(mine, answer) {
    running = null;
    timers.clear('server');
    const failed = [...mine.failed, ...(answer?.errors ?? [])];
    const first = failed[0] && ` ${failed.length} could not be made: ${failed[0].name}. ${failed[0].error.replace(/\.?$/, '.')}`;
    const why = answer?.state === 'stopped' ? 'You stopped it.' : '';
    const head = answer?.final ? `${answer.final.files} of ${mine.total} pictures are ready` : (answer?.error ?? 'No picture was made').replace(/\.$/, '');
    notice({ head, text: `${answer?.final ? 'They are in the history too.' : ''} ${why}${first ?? ''}`.trim(), alert: !answer?.final && !why, choices: answer?.final ? [['Download zip', () => saveFrom(resultAddress(answer.final.result), answer.final.name)]] : [] });
  }
  function stop() {
    const mine = running;
    if (!mine) return;
    if (mine.photos.length < mine.total - mine.failed.length) { running = null; notice({ head: 'Stopped', text: 'Nothing was made.' }); return; }
    cancel({ visitor, seq: mine.seq, kind: 'batch' });
  }
  return { run, heard, broke, stop, state: () => ({ running: Boolean(running), made: running?.made.size ?? 0 }) };
}
