// What an answer says beside its picture, and how its picture fits the square that is on the page.
import { decoded } from '../files/photos.js';
import { drawExact, drawSquare } from '../marks/before.js';
import { sheetCanvas } from '../surface/draw.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Square } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */

const LEAST = 512;  // pixels of a picture that is laid into a larger square
const MOST = 1024;

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 */
export function createHearing({ task, kind, marks }) {
  return async function hear({ input, final, factor, ...facts }) {
    if (kind.enlarges && final) task.found = `${sizeOf(final, factor)} to ${sizeOf(final, 1)} pixels`;
    hearEstimate(task, kind, facts);
    const exact = input && await decoded(input).catch(() => null); // what the model was given, pixel for pixel
    if (!exact) return;
    drawExact(marks.sheet.ctx, exact);
    task.emit('painting', marks, { keep: true });
  };
}

// One side is enough of a square.
function sizeOf({ width, height }, factor) {
  return width === height ? `${width / factor}` : `${width / factor} x ${height / factor}`;
}

function hearEstimate(task, { estimates }, facts) {
  if (!estimates || facts[estimates.setting] === undefined) return;
  const { setting, word, digits } = estimates;
  const found = Number(facts[setting]).toFixed(digits);
  task.found = `${word} ${found}`;
  if (task.settings.estimate) task.write({ [setting]: Number(found) }, { quiet: true });
}

/**
 * The picture of an answer may show another square than the one on the paper (close around the mask): laid into the latter,
 * so that both pictures on the page show the same part of the photo.
 * @param {Marks} marks
 * @param {{ square?: Square }} answer  whose square counts from the corner of the extended photo
 * @param {HTMLImageElement} image  decoded
 * @returns {string | null} data URL of a JPEG; null where the picture is right as it is
 */
export function inSquare(marks, answer, image) {
  if (!answer.square || !marks.photo) return null;
  const [left, top] = marks.extend() ?? [0, 0];
  const [x, y, side] = [answer.square[0] - left, answer.square[1] - top, answer.square[2]];
  if (String([x, y, side]) === String(marks.square)) return null;
  const width = Math.min(MOST, Math.max(LEAST, Math.round(image.naturalWidth * marks.square[2] / side)));
  const whole = sheetCanvas(width);
  const c = whole.getContext('2d');
  const scale = width / marks.square[2];
  c.imageSmoothingQuality = 'high';
  c.drawImage(marks.sheet.canvas, 0, 0, width, width);
  drawSquare(c, marks, width);
  c.drawImage(image, (x - marks.square[0]) * scale, (y - marks.square[1]) * scale, side * scale, side * scale);
  return whole.toDataURL('image/jpeg', 0.92);
}
