// Where a photo and the model's square lie. The world is 256 units a side; the photo's longer side takes 192 of them, and
// the margin around it is where a photo can be extended to. Squares are in pixels of the photo, from its upper left corner.
import { SCALE, SIDE } from '../surface/draw.js';

const PHOTO_UNITS = 192;

/**
 * @typedef {{ width: number, height: number }} Size  in pixels
 * @typedef {number[]} Square  left, top, side in pixels of the photo; may reach over its edge
 * @typedef {[number, number, number, number]} Box  x, y, width, height
 * @typedef {number[]} Sides  pixels at the left, top, right and bottom
 */

/**
 * @param {Size} photo
 * @returns {{ k: number, x: number, y: number, width: number, height: number }} its place in units, and k units a pixel
 */
export function photoFrame({ width, height }) {
  const k = PHOTO_UNITS / Math.max(width, height);
  return { k, x: (SIDE - width * k) / 2, y: (SIDE - height * k) / 2, width: width * k, height: height * k };
}

/**
 * @param {Size} photo
 * @returns {Square} the largest in its middle
 */
export function centredSquare(photo) { return middleSquare(photo, Math.min(photo.width, photo.height)); }

/**
 * @param {Size} photo
 * @returns {Square} the smallest around all of it
 */
export function squareAround(photo) { return middleSquare(photo, Math.max(photo.width, photo.height)); }

function middleSquare({ width, height }, side) {
  return [...[width, height].map((length) => Math.floor((length - side) / 2)), side];
}

/**
 * @param {Size} photo
 * @param {Square} square
 * @returns {number[]} left, top, side in units
 */
export function squareInWorld(photo, [x, y, side]) {
  const f = photoFrame(photo);
  return [f.x + x * f.k, f.y + y * f.k, side * f.k];
}

/**
 * @param {Size} photo
 * @param {Square} square
 * @returns {Sides | null} how far the photo is extended to fill the square; null where it is not
 */
export function extension({ width, height }, [x, y, side]) {
  const out = [-x, -y, x + side - width, y + side - height].map((v) => Math.max(0, v));
  return out.some(Boolean) ? out : null;
}

/**
 * @param {Size} photo
 * @param {Sides} inset  what is left out of it
 * @returns {Box} of the photo or that part of it, in pixels of the layers
 */
export function photoBox(photo, [left, top, right, bottom] = [0, 0, 0, 0]) {
  const f = photoFrame(photo);
  const unit = f.k * SCALE;
  return [f.x * SCALE + left * unit, f.y * SCALE + top * unit, f.width * SCALE - (left + right) * unit,
    f.height * SCALE - (top + bottom) * unit];
}

/**
 * @param {number[]} box  x, y, width and height in units; a square without the last
 * @returns {string} the same in CSS, of an element that is as large as the world
 */
export function boxStyle([x, y, width, height = width]) {
  const [left, top, wide, high] = [x, y, width, height].map((v) => `${v / 2.56}%`);
  return `left:${left};top:${top};width:${wide};height:${high}`;
}
