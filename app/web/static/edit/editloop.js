// The loop of an edit of photos or from noise: what differs from painting.
import { clamp } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';
import { createLoop } from '../request/loop.js';
import { patienceMs } from '../request/patience.js';
import { variationsInTurn } from '../request/variations.js';
import { erases } from './editwords.js';

const PAPER_STEPS = 40;   // whatever the slider says
const ERASE_STEPS = 2;    // a smooth filling, then copies; without the model

// doc: { untouched, async value(), problem?(), forget?() }; value() may throw { error, hint }.
export function createEditLoop({ task, doc, visitor, post, newest, cancel, auto, refused }) {
  const byPaper = () => task.settings.schedule === 'paper';
  task.on('settings', () => {
    const settings = document.querySelector(`#${task.name}-settings`);
    settings?.classList.toggle('os-by-paper', byPaper());
    settings?.classList.toggle('os-erases', erases(task));
  });
  return createLoop({
    task, doc, visitor, auto, refused,
    value: (use, refuse) => doc.value().then(use, refuse),
    tell: { post, newest, cancel },
    steps: () => (erases(task) ? ERASE_STEPS : byPaper() ? PAPER_STEPS : clamp(Math.round(task.settings.steps) || 1, 1, PAPER_STEPS)),
    late: { get ms() { return patienceMs(60000); }, words: WORDS.late },
    variations: variationsInTurn,
  });
}
