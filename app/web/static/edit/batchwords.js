// What a batch says over the picture: head and text of a notice.
import { aboutSeconds } from '../shared/words.js';
/** @import { Photo } from '../files/photos.js' */

/**
 * @typedef {object} BatchState
 * @property {number} seq
 * @property {number} total  files
 * @property {Photo[]} photos  those at the server
 * @property {{ name: string, error: string }[]} failed  those that could not be opened
 * @property {{ name: string, note: string }[]} noted  of what was opened, what there is to tell
 * @property {Set<number>} made  numbers of the finished ones among the photos
 * @property {number} began  when it was asked for, by the page's clock
 * @property {object} settings
 */

// Which files are left out, and why: by reason, with the name of the first.
function leftOut(failed, verb) {
  const reasons = [...new Set(failed.map(({ error }) => error))];
  const said = reasons.map((reason) => `${namesOf(failed.filter(({ error }) => error === reason))}: ${reason.replace(/\.?$/, '.')}`);
  return said.length ? `${failed.length} ${verb}. ${said.join(' ')}` : null;
}

function namesOf([first, ...others]) { return others.length ? `${first.name} and ${others.length} more` : first.name; }

/**
 * When its files are at the server and have been looked at.
 * @param {BatchState} batch
 */
export function batchBegins(batch) {
  const head = `${batch.photos.length} of ${batch.total} pictures are at the server`;
  return { head, text: leftOut(batch.failed, 'left out') ?? 'The first answer comes in a moment.' };
}

// As it has gone so far, at first as the server expects.
function batchTimeLeft({ made, photos, began }, { left = 0, first = 1, file = 1, files = 1 }) {
  const expected = left * files / (file - first + 1);
  const rest = made.size ? (performance.now() - began) / 1000 / made.size * (photos.length - made.size) : expected;
  const words = aboutSeconds(rest);
  return words && ` ${words[0].toUpperCase()}${words.slice(1)} left.`;
}

/** @param {BatchState} batch */
const ready = (batch) => `${batch.made.size} of ${batch.total} are ready.`;

/**
 * While it runs.
 * @param {BatchState} batch
 * @param {{ state: string, queue_position?: number, first?: number, file?: number, files?: number, step?: number, steps?: number, left?: number }} answer
 */
export function batchGoesOn(batch, answer) {
  const { state, queue_position, first, file, files, step, steps } = answer;
  if (state === 'queue') return { head: queue_position ? `Place ${queue_position} in the line` : 'The model is loading', text: ready(batch) };
  const which = first === file ? `Picture ${file}` : `Pictures ${first} to ${file}`;
  return { head: `${which} of ${files}`, text: `Step ${Math.max(step, 1)} of ${steps}. ${ready(batch)}${batchTimeLeft(batch, answer)}` };
}

/**
 * At its end.
 * @param {BatchState} batch
 * @param {any} answer  the last one; null where no photo reached the server
 */
export function batchEnded(batch, answer) {
  const failed = [...batch.failed, ...(answer?.errors ?? [])];
  const missing = leftOut(failed, 'could not be made');
  const noted = batch.noted[0] && `${namesOf(batch.noted)}: ${batch.noted[0].note}`;
  const stopped = answer?.state === 'stopped' && 'You stopped it.';
  const kept = answer?.final && 'They are in the history too.';
  const head = answer?.final
    ? `${answer.final.files} of ${batch.total} pictures are ready`
    : (answer?.error ?? 'No picture was made').replace(/\.$/, '');
  return { head, text: [kept, stopped, missing, noted].filter(Boolean).join(' '), alert: !answer?.final && !stopped };
}
