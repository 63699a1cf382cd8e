// What the edits of a photo differ in, besides their words and the tools that Python gives them.
import { greyBefore, smallBefore } from '../marks/before.js';
import { centredSquare, squareAround } from '../marks/frame.js';
import { onestroke } from '../shared/bus.js';
/** @import { Placed } from '../marks/before.js' */
/** @import { Size, Square } from '../marks/frame.js' */
/** @import { Task } from '../shared/task.js' */

/**
 * @typedef {object} EditKind
 * @property {boolean} whole  the whole photo is worked on, unless the square is placed
 * @property {(photo: Size) => Square} homeSquare  of a new photo
 * @property {boolean} enlarges  the picture is small, and its pixels are shown as they are
 * @property {{ setting: string, word: string, digits: number } | null} estimates  what the server can measure in the photo
 * @property {((ctx: CanvasRenderingContext2D, placed: Placed) => void) | undefined} before
 */

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
  const whole = ['colorize', 'denoise', 'deblur'].includes(name);
  const blocks = () => Math.max(1, Math.round(onestroke.model.resolution / (task.settings.factor ?? 4))); // that the model is given, in a row
  const before = { colorize: greyBefore, 'super-resolve': (ctx) => smallBefore(ctx, blocks()) }[name];
  return {
    whole, before,
    homeSquare: whole ? squareAround : centredSquare,
    enlarges: name === 'super-resolve',
    estimates: ESTIMATES[name] ?? null,
  };
}
