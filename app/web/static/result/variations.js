// Four neighbouring seeds of the same strokes. A click makes one the picture and its seed the seed.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildStrip, strokesOf } from './strip.js';
/** @import { Part } from '../page/parts.js' */

const COMING = ['step', 'queue', 'later']; // states of which more is to come

/** @param {Part} part */
export function variations({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const button = make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'vary', title: 'Four variations  (V)', onclick: () => task.do('vary'),
  }, icon('grid'), 'Show four');
  const strip = buildStrip({ root, title: 'Variations', note: props.note, buttons: [button], label: 'Variations' });
  let ops = null;      // the strokes the pictures were made from
  let settings = null;

  function waiting() { strip.show(...Array.from({ length: 4 }, () => make('span', { className: 'os-thumb wait' }))); }
  function setNote(answer) {
    const { note, making = false } = wordsOf(answer, props.note);
    strip.note(note);
    button.disabled = making;
  }
  task.on('varying', (answer) => {
    setNote(answer);
    if (answer.step === 0) { ops = strokesOf(task); settings = { ...task.settings }; waiting(); return; }
    if (!answer.pictures) {
      if (!COMING.includes(answer.state) && !strip.row.querySelector('img')) strip.show();
      return;
    }
    strip.show(...answer.pictures.map((picture) => strip.thumb(picture.src, `Seed ${picture.seed}`, () => choose(picture))));
  });
  function choose(picture) {
    const chosen = { ...settings, seed: picture.seed };
    task.write({ seed: picture.seed }, { quiet: true });
    task.emit('choose', { ...picture, steps: chosen.steps, ops });
    task.emit('keep', { ...picture, settings: chosen, ops });
  }
  task.on('painting', (painting) => {
    root.classList.toggle('empty', painting.untouched && !strip.row.children.length);
    button.disabled = painting.untouched;
  });
  root.classList.add('empty');
}

// What stands beside the title, and whether the pictures are being made.
function wordsOf({ error, state, queue_position, step, steps }, otherwise) {
  if (error) return { note: error };
  if (state === 'queue') return { note: queue_position ? `place ${queue_position}` : 'the model is loading' };
  if (state === 'later') return { note: 'after this picture' };
  if (state === 'stopped') return { note: 'stopped' };
  if (state === 'step' || step === 0) return { note: `step ${Math.max(1, step)} of ${steps}`, making: true };
  return { note: otherwise };
}
