// Every sentence that the page itself says. In braces: what the model's pictures show (subject.js), and in the hints of errors
// {safe}, what of a tab's own cannot be lost.
const TOLD_S = 3; // what takes longer is told before and while it runs

export const WORDS = {
  late: { error: 'No answer from the model', hint: 'It took far too long. {safe}.' },
  refused: { error: 'The server did not take this', hint: 'Check the settings. {safe}.' },
  gone: { error: 'The page lost its server', hint: '{safe}. It goes on by itself when the server is back.' },
  notPicture: { error: 'This file is not a picture', hint: 'JPEG, PNG or WebP work.' },
  tooBig: { error: 'This picture is larger than 60 MB', hint: 'A smaller copy works.' },
  cutShort: { head: 'The rest of this picture file is missing', text: 'What it does not show is white.' },
  transparent: { head: 'Transparent parts of this picture became white', text: '' },
  photoFailed: { error: 'The photo did not become strokes', hint: 'The server gave no answer. Your strokes are safe.' },
  // of the edits
  notSent: { error: 'The photo did not reach the server', hint: 'Try again in a moment.' },
  photoGone: { error: 'This photo is no longer here', hint: 'Open it again.' },
  resultGone: { error: 'This picture is no longer on the server', hint: 'Restore it and run it once more.' },
  notFinished: { error: 'There is no finished picture yet', hint: 'It can be downloaded once it is done.' },
  notFetched: { error: 'The server does not answer, and the file is there', hint: 'Download it when the server is back. The picture stays here.' },
  // of the models
  modelsUnheard: { error: 'The server did not answer', hint: 'Try again in a moment.' },
  nothingKept: { error: 'Nothing is left to keep', hint: 'The mask covers the whole square. Erase a part of it.' },
};

const SAFE = 'Your strokes are safe';

/**
 * @param {string | undefined} hint  of an error
 * @param {string} safe  what of the tab's own is safe, as a sentence without its full stop
 * @returns {string} what is said beside the error
 */
export const hintWith = (hint, safe) => (hint ?? '{safe}.').replace('{safe}', safe);

/** @param {number} n  pictures whose own files could not be had */
export const onlyPreviews = (n) => ({
  head: n > 1 ? `Of ${n} pictures only the previews are left` : 'Of one picture only the preview is left', text: 'The server keeps large ones for half an hour.',
});
/** @param {number} ms  milliseconds */
export const seconds = (ms) => (ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
/** @param {string} words */
const capital = (words) => words[0].toUpperCase() + words.slice(1);
/** @param {number} n */
export const count = (n) => `${n} step${n === 1 ? '' : 's'}`;
/**
 * @param {number} s  seconds that something will take
 * @returns {string} "about 12 s"; nothing where it is not worth waiting words
 */
export const aboutSeconds = (s) => (s > TOLD_S ? `about ${s < 90 ? `${Math.round(s)} s` : `${Math.round(s / 60)} min`}` : '');
/**
 * @param {number} s  seconds that a picture takes
 * @returns {string} what is said of a slow model
 */
export const slowly = (s) => `This model takes ${aboutSeconds(s) || `about ${Math.round(s)} s`} a picture on this computer`;

/**
 * @param {boolean | undefined} lasting  whether the same once more would fail again
 * @returns {string | undefined} the button of what failed
 */
export const retry = (lasting) => (lasting ? undefined : 'Try again');

/**
 * What is said of a state of the loop: under the result, and in a banner over it.
 * @param {any} state  its name, and what that one has besides: step, steps, ms, seed, of, queue_position, error, hint, lasting
 * @returns {{ title: string, detail: string | null, label?: string, banner?: any, stop?: boolean }} no detail: the one before
 *   stays; the label stands on the picture
 */
export function describe({ name, step, steps, ms, seed, of, queue_position, error, hint, lasting }) {
  switch (name) {
    case 'idle': return { title: 'Ready', detail: 'Your {one} follows the first stroke' };
    case 'ready': return { title: 'Ready', detail: 'Press Make the {one}' };
    case 'painting': return { title: 'Live', detail: ms === undefined ? null : `${count(steps)}, ${seconds(ms)}` };
    case 'thinking': return { title: 'Refining', detail: `Step ${Math.max(step, 1)} of ${steps}`, stop: true };
    case 'refined': return { title: 'Refined', detail: `${count(steps)}, ${seconds(ms)}` };
    case 'sample': return { title: 'An example', detail: `Seed ${seed}, ${count(steps)}, as set here` };
    case 'history': return { title: 'From history', detail: `Seed ${seed}, ${count(steps)}`, label: 'From history' };
    case 'variation': return { title: 'A variation', detail: `Seed ${seed}, ${count(steps)}` };
    case 'earlier': return { title: capital(of), detail: `Seed ${seed}, ${count(steps)}`, label: capital(of) };
    case 'cancelled': {
      const at = step ? `Stopped after step ${step} of ${steps}` : 'Stopped before the first step';
      return { title: 'Stopped', detail: `Step ${step} of ${steps}`, banner: { head: at, text: step ? 'This is the picture so far.' : `${SAFE}.`, button: 'Continue' } };
    }
    case 'queue': {
      const ahead = Math.max(0, queue_position - 1);
      const who = ahead === 1 ? '1 person is before you' : `${ahead} people are before you`;
      return { title: 'Waiting', detail: `Place ${queue_position}`, banner: { head: who, text: 'Keep painting: only your newest strokes count.', button: 'Leave', leave: true } };
    }
    case 'loading': return { title: 'Waiting', detail: 'The model is loading', banner: { head: 'The model is loading', text: 'A large one takes half a minute. You can paint already.' } };
    case 'error': return { title: 'No new picture', detail: SAFE, banner: { head: error.replace(/\.$/, ''), text: hintWith(hint, SAFE), button: retry(lasting), alert: true } };
  }
}

// Those of the edit tabs, where they differ.
export const EDIT_SHORTCUTS = [
  ['Mask brush, eraser', ['B'], ['E']], ['Mask a box', ['R']], ['Swap kept and changed', ['V']], ['Paint in colour', ['P']], ['Extend the photo', ['G']],
  ['Move the square', ['M']], ['See the original', ['O', '+held']], ['Paste a photo', ['Ctrl', 'V']], ['Make it', ['Enter']],
];
// What fingers do that no button says.
export const GESTURES = [['Move and zoom the paper', 'Two fingers'], ['Pick the colour under it', 'One finger that stays'], ['See it whole again', 'Fit, on the paper']];
export const SHORTCUTS = [
  ['On the paper: move the brush', ['Arrows'], ['Shift', 'Arrows']], ['Put it down, lift it', ['Space']],
  ['Brush, eraser', ['B'], ['E']], ['Straight line', ['Shift', '+click or drag']], ['Rectangle, ellipse, polygon', ['R'], ['O'], ['P']],
  ['Close a polygon', ['Enter']], ['Select a stroke, delete it', ['S'], ['Del']], ['Fill, pick colour', ['F'], ['I']], ['Smaller, bigger brush', ['['], [']']], ['Last two colours', ['X']],
  ['Undo', ['Ctrl', 'Z']], ['Redo', ['Ctrl', 'Shift', 'Z']], ['New paper', ['Del']], ['Zoom', ['Ctrl', '+wheel'], ['+'], ['-']], ['Fit, 100 %', ['0'], ['1']],
  ['Move the view', ['Space', '+drag']], ['Another {one}', ['N']], ['Keep the seed', ['L']], ['Four variations', ['V']],
  ['Compare', ['C']], ['Download', ['D']], ['Stop', ['Esc']], ['This sheet', ['?']],
];
