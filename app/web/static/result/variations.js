// Four neighbouring seeds of the same strokes. A click makes one the picture and its seed the seed.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildStrip, strokesOf } from './strip.js';

export function variations({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const button = make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'vary', title: 'Four variations  (V)', onclick: () => task.do('vary') }, icon('grid'), 'Show four');
  const strip = buildStrip({ root, title: 'Variations', note: props.note, buttons: [button], label: 'Variations' });
  let ops = null;      // the strokes the pictures were made from
  let settings = null;

  function waiting() { strip.show(...Array.from({ length: 4 }, () => make('span', { className: 'os-thumb wait' }))); }
  function setNote(answer) {
    button.disabled = false;
    if (answer.error) strip.note(answer.error);
    else if (answer.state === 'queue') strip.note(answer.queue_position ? `place ${answer.queue_position}` : 'the model is loading');
    else if (answer.state === 'later') strip.note('after this picture');
    else if (answer.state === 'stopped') strip.note('stopped');
    else if (answer.state === 'step' || answer.step === 0) { strip.note(`step ${Math.max(1, answer.step)} of ${answer.steps}`); button.disabled = true; }
    else strip.note(props.note);
  }
  task.on('varying', (answer) => {
    setNote(answer);
    if (answer.step === 0) { ops = strokesOf(task); settings = { ...task.settings }; waiting(); return; }
    if (!answer.pictures) { if (!['step', 'queue', 'later'].includes(answer.state) && !strip.row.querySelector('img')) strip.show(); return; }
    strip.show(...answer.pictures.map((picture) => strip.thumb(picture.src, `Seed ${picture.seed}`, () => choose(picture))));
  });
  function choose(picture) {
    const chosen = { ...settings, seed: picture.seed };
    task.write({ seed: picture.seed }, { quiet: true });
    task.emit('choose', { ...picture, steps: chosen.steps });
    task.emit('keep', { ...picture, settings: chosen, ops });
  }
  task.on('painting', (painting) => { root.classList.toggle('empty', painting.untouched && !strip.row.children.length); button.disabled = painting.untouched; });
  root.classList.add('empty');
}
