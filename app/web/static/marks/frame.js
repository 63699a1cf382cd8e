// Where a photo, its extended frame and the model's square lie. The world is 256 units a side; the photo's longer side takes
// 192 of them. A frame may reach beyond the world. Squares are in pixels of the photo, from its upper left corner.
import { SCALE, SIDE } from '../surface/draw.js';

const PHOTO_UNITS = 192;
/** @type {Sides} of a photo that is not extended */
export const AS_IT_IS = [0, 0, 0, 0];

/**
 * @typedef {{ width: number, height: number }} Size  in pixels
 * @typedef {number[]} Square  left, top, side in pixels of the photo; may reach over its edge
 * @typedef {[number, number, number, number]} Box  x, y, width, height
 * @typedef {[number, number, number, number]} Sides  pixels at the left, top, right and bottom
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
 * @param {Sides} [frame]  that it is extended by
 * @returns {Square} the smallest around all of it
 */
export function squareAround({ width, height }, [left, top, right, bottom] = AS_IT_IS) {
  const whole = { width: width + left + right, height: height + top + bottom };
  const [x, y, side] = middleSquare(whole, Math.max(whole.width, whole.height));
  return [x - left, y - top, side];
}

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
 * @returns {Sides} how far the square reaches over the photo's edges
 */
export function extension({ width, height }, [x, y, side]) {
  return /** @type {Sides} */ ([-x, -y, x + side - width, y + side - height].map((v) => Math.max(0, v)));
}

/**
 * @param {Size} photo
 * @param {Sides} frame  that it is extended by
 * @returns {Box} of the extended photo in units
 */
export function frameInWorld(photo, frame) {
  const inset = /** @type {Sides} */ (frame.map((v) => -v));
  return /** @type {Box} */ (photoBox(photo, inset).map((v) => v / SCALE));
}

/**
 * @param {Size} photo
 * @param {Sides} inset  what is left out of it
 * @returns {Box} of the photo or that part of it, in pixels of the layers
 */
export function photoBox(photo, [left, top, right, bottom] = AS_IT_IS) {
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

/**
 * @param {Size} one
 * @param {Size} other
 * @returns {boolean} whether one laid over the other is not stretched, but by a pixel's rounding
 */
export function isSameShape(one, other) {
  return Math.abs(one.width * other.height - one.height * other.width) <= Math.max(one.width, one.height);
}
