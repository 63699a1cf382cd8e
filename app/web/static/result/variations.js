// Four neighbouring seeds of the same strokes. A click makes one the picture and its seed the seed.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { PAPER } from '../surface/draw.js';
import { buildStrip, strokesOf } from './strip.js';
/** @import { Part } from '../page/parts.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

const COMING = ['step', 'queue', 'later']; // states of which more is to come

/** @param {Part} part */
export function variations({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const button = make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'vary', title: 'Four variations  (V)', onclick: () => task.do('vary'),
  }, icon('grid'), 'Show four');
  const strip = buildStrip({ root, title: 'Variations', note: props.note, buttons: [button], label: 'Variations' });
  const four = createFour();

  let last = {};       // of the answers

  const words = () => wordsOf(last, four.made.map(earlier).find(Boolean) ?? props.note);
  // What is said of a picture of something else than what is here now; nothing where it is of this.
  const earlier = (made) => ({ ops: props.earlier, settings: 'with the earlier settings' })[differs(made, task)];
  function show() {
    strip.show(...four.made.map((one) => strip.thumb(one.src, `Seed ${one.seed}`, () => choose(one))));
  }
  task.on('varying', (answer) => {
    if (answer.step === 0) four.begin({ ops: strokesOf(task), settings: { ...task.settings } });
    if (answer.pictures) { four.arrived(answer.pictures); show(); }
    else if (answer.step === 0 && !four.made.length) strip.show(...Array.from({ length: 4 }, () => make('span', { className: 'os-thumb wait' })));
    else if (!COMING.includes(answer.state) && !four.made.length) strip.show();
    last = answer;
    const { note, making = false } = words();
    strip.note(note);
    button.disabled = making;
  });
  function choose({ ops, settings, ...picture }) {
    const chosen = { ...settings, seed: picture.seed };
    const of = earlier({ ops, settings });
    task.write({ seed: picture.seed }, { quiet: true });
    task.emit('choose', { ...picture, steps: chosen.steps, ops });
    task.emit('state', { name: of ? 'earlier' : 'variation', of, seed: picture.seed, steps: chosen.steps ?? 1 }, { keep: true });
    task.emit('keep', { ...picture, settings: chosen, ops });
  }
  for (const event of ['painting', 'settings']) task.on(event, () => { if (four.made.length) strip.note(words().note); });
  task.on('painting', (painting) => {
    root.classList.toggle('empty', painting.untouched && !strip.row.children.length);
    button.disabled = painting.untouched;
  });
  root.classList.add('empty');
}

/**
 * The pictures in the strip, each with what it was made of. The old ones stay until new ones take their places.
 */
export function createFour() {
  let made = [];
  let asked = null; // what those that come are made of
  return {
    get made() { return made; },
    begin(of) { asked = of; },
    // All that have come so far of those that were asked for.
    arrived(pictures) { made = [...pictures.map((picture) => ({ ...picture, ...asked })), ...made.slice(pictures.length)]; },
  };
}

/**
 * @param {{ ops: Operation[], settings: Record<string, any> }} made  what a picture was made of
 * @param {Task} task
 * @returns {'ops' | 'settings' | ''} what is different now, but for the seed
 */
export function differs({ ops, settings }, task) {
  if (shownText(ops) !== shownText(task.painting.current())) return 'ops';
  return Object.keys(settings).some((name) => name !== 'seed' && settings[name] !== task.settings[name]) ? 'settings' : '';
}

// New paper is there without being laid.
const isNewPaper = (op) => op?.tool === 'paper' && String(op.paper) === String(PAPER);
const shownText = (ops) => JSON.stringify(isNewPaper(ops[0]) ? ops.slice(1) : ops);

// What stands beside the title, and whether the pictures are being made.
function wordsOf({ error, state, queue_position, step, steps }, otherwise) {
  if (error) return { note: error };
  if (state === 'queue') return { note: queue_position ? `place ${queue_position}` : 'the model is loading' };
  if (state === 'later') return { note: 'after this picture' };
  if (state === 'stopped') return { note: 'stopped' };
  if (state === 'step' || step === 0) return { note: `step ${Math.max(1, step)} of ${steps}`, making: true };
  return { note: otherwise };
}
