// What the edits of a photo differ in, besides their words and the tools that Python gives them.
import { greyBefore } from '../marks/before.js';
import { centredSquare, squareAround } from '../marks/frame.js';
import { onestroke } from '../shared/bus.js';
/** @import { Placed } from '../marks/before.js' */
/** @import { Size, Square } from '../marks/frame.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * @typedef {object} EditKind
 * @property {boolean} whole  the whole photo is worked on, unless the square is placed
 * @property {(photo: Size) => Square} homeSquare  of a new photo
 * @property {boolean} enlarges  the result is larger than the photo
 * @property {boolean} closely  the pixels of a small photo are shown as they are
 * @property {{ setting: string, word: string, digits: number } | null} estimates  what the server can measure in the photo
 * @property {(size: Size) => number} evaluations  of single pictures, for a photo or the square of it
 * @property {((ctx: CanvasRenderingContext2D, placed: Placed) => void) | undefined} before
 */

const OVERLAP = 1 / 4; // of neighbouring tiles
const ESTIMATES = {
  denoise: { setting: 'sigma', word: 'noise', digits: 2 },
  deblur: { setting: 'blur', word: 'blur', digits: 1 },
};

/**
 * @param {Task} task
 * @returns {EditKind}
 */
export function editKind(task) {
  const { name } = task;
  const whole = ['colorize', 'super-resolve', 'denoise', 'deblur'].includes(name);
  const enlarges = name === 'super-resolve';
  const closely = enlarges || name in ESTIMATES;
  return {
    whole, enlarges,
    before: name === 'colorize' ? greyBefore : undefined,
    closely,
    homeSquare: whole ? squareAround : centredSquare,
    estimates: ESTIMATES[name] ?? null,
    evaluations: (size) => (closely ? tilesOf(size, task.settings.factor) : 1) * (name === 'denoise' ? 1 : task.settings.steps),
  };
}

// How many tiles a picture is worked on in (app/edits/tiles.py).
function tilesOf({ width, height }, factor = 1) {
  const side = onestroke.model.resolution / factor;
  const along = (length) => 1 + Math.max(0, Math.ceil((length - side) / (side * (1 - OVERLAP))));
  return along(width) * along(height);
}
