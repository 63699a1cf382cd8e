// What the edits say: one line for each task in the same places.
import { aboutSeconds, count, describe, hintWith, retry, seconds } from '../shared/words.js';
/** @import { Task } from '../shared/task.js' */

const EDIT_WORDS = {
  inpaint: { idle: 'Brush over what should change', ready: 'Press Fill', doing: 'Filling', done: 'Filled', failed: 'Not filled', safe: 'Your photo and mask are safe' },
  erase: { idle: 'Brush over what should go', ready: 'Press Erase', doing: 'Erasing', done: 'Erased', failed: 'Not erased', safe: 'Your photo and mask are safe', plain: true },
  colorize: { idle: 'Open a photo; its colours come by themselves', ready: 'Press Colour it', doing: 'Colouring', done: 'Coloured', failed: 'Not coloured', safe: 'Your photo is safe' },
  'super-resolve': { idle: 'Open a picture', ready: 'Press Enlarge', doing: 'Enlarging', done: 'Enlarged', failed: 'Not enlarged', safe: 'Your picture is safe', part: 'Part' },
  denoise: { idle: 'Open a noisy photo', ready: 'Press Clean it', doing: 'Cleaning', done: 'Cleaned', failed: 'Not cleaned', safe: 'Your photo is safe', part: 'Part' },
  deblur: { idle: 'Open a blurred photo', ready: 'Press Sharpen it', doing: 'Sharpening', done: 'Sharpened', failed: 'Not sharpened', safe: 'Your photo is safe' },
  interpolate: { idle: 'Two seeds or pictures, and the way between', ready: 'Press Make the way', doing: 'On the way', done: 'There', failed: 'No pictures', safe: 'Your settings are safe' },
  generate: { idle: 'As many {many} as you like', ready: 'Press Generate', doing: 'Generating', done: 'Generated', failed: 'No pictures', safe: 'Your settings are safe' },
};

export const RETURNING = 'Your photo is coming back'; // after a reload

/**
 * @param {Task} task
 * @returns {boolean} whether what is marked is erased, without the model
 */
export function erases(task) { return task.settings.how === 'erase'; }

const wordsOfEdit = (task) => EDIT_WORDS[erases(task) ? 'erase' : task.name];

/**
 * @param {Task} task
 * @returns {string} what to do first
 */
export const firstStep = (task) => wordsOfEdit(task).idle;

// How long it will still take, where that is worth a word: as it has gone so far, at first as the server expects.
function timeLeft({ step, steps, ms, left = 0 }) {
  const rest = aboutSeconds(step >= 2 ? ms / step * (steps - step) / 1000 : left);
  return rest && `, ${rest} left`;
}
/**
 * @param {Task} task
 * @returns {(state: any) => object} as `describe` does it for painting
 */
export function describeEdit(task) {
  return (state) => {
    const words = wordsOfEdit(task);
    const { name, step, steps, ms, error, hint, lasting } = state;
    switch (name) {
      case 'idle': return { title: 'Ready', detail: words.idle };
      case 'original': return { title: 'Ready', detail: words.idle };
      case 'ready': return { title: 'Ready', detail: words.ready };
      case 'returning': return { title: 'Opening', detail: RETURNING };
      case 'sending': return { title: 'Opening', detail: 'The photo is on its way' };
      case 'thinking': return { title: words.doing, detail: `${words.part ?? 'Step'} ${Math.max(step, 1)} of ${steps}${timeLeft(state)}`, stop: true };
      case 'refined': return { title: words.done, detail: `${words.plain ? 'Copied from the photo, ' : words.part ? '' : `${count(steps)}, `}${seconds(ms)}${task.found ? `, ${task.found}` : ''}` };
      case 'cancelled': return { title: 'Stopped', detail: `Step ${step} of ${steps}`, banner: { head: step ? `Stopped after step ${step} of ${steps}` : 'Stopped before the first step', text: step ? 'This is the picture so far.' : `${words.safe}.`, button: 'Continue' } };
      case 'error': return { title: words.failed, detail: words.safe, banner: { head: error.replace(/\.$/, ''), text: hintWith(hint, words.safe), button: retry(lasting), alert: true } };
      case 'queue': return { ...describe(state), banner: { ...describe(state).banner, text: 'Your place in the line is kept.' } };
      case 'loading': return { title: 'Waiting', detail: 'The model is loading', banner: { head: 'The model is loading', text: 'A large one takes half a minute. It goes on by itself.' } };
      default: return describe(state);
    }
  };
}
