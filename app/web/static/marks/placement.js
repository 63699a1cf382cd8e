// A square that is moved and resized over the photo: kept within bounds, drawn to the photo's edges, rounded to pixels.
import { clamp } from '../shared/dom.js';
import { SIDE } from '../surface/draw.js';
import { photoFrame } from './frame.js';
/** @import { Size, Square } from './frame.js' */

const SMALLEST = 32;   // units of a square's side: the view enlarges eight times
const SNAP = 3;        // units to the photo's edge within which the square keeps to it

/**
 * @param {Size} photo
 * @param {boolean} mayExtend  whether the square may reach over the photo's edge
 * @returns {number[]} left, top, right and bottom of where it may be, in units
 */
function boundsOf(photo, mayExtend) {
  const f = photoFrame(photo);
  return mayExtend ? [0, 0, SIDE, SIDE] : [f.x, f.y, f.x + f.width, f.y + f.height];
}

/**
 * The square nearest to one that is asked for, all in units.
 * @param {Size} photo
 * @param {boolean} mayExtend
 * @param {number[]} square  left, top, side; where the side must change, the middle stays
 * @returns {number[]} left, top, side
 */
export function fitSquare(photo, mayExtend, [x, y, side]) {
  const f = photoFrame(photo);
  const [left, top, right, bottom] = boundsOf(photo, mayExtend);
  const most = Math.min(right - left, bottom - top);
  const fitting = clamp(side, Math.min(SMALLEST, most), most);
  const place = (at, low, high, edge, otherEdge) => {
    const inside = clamp(at + (side - fitting) / 2, low, high - fitting);
    const snapped = [edge, otherEdge - fitting].find((near) => Math.abs(inside - near) < SNAP) ?? inside;
    return clamp(snapped, low, high - fitting); // the edge of a narrow photo may be too far for a large square
  };
  return [place(x, left, right, f.x, f.x + f.width), place(y, top, bottom, f.y, f.y + f.height), fitting];
}

/**
 * A square dragged by a corner: the opposite corner stays.
 * @param {Size} photo
 * @param {boolean} mayExtend
 * @param {number[]} square  left, top, side in units, as it was
 * @param {string} corner  "nw", "ne", "sw" or "se"
 * @param {number[]} by  how far the corner moved, in units
 * @returns {number[]} left, top, side in units
 */
export function resizeSquare(photo, mayExtend, [x, y, side], corner, [dx, dy]) {
  const [east, south] = [corner.includes('e'), corner.includes('s')];
  const [left, top, right, bottom] = boundsOf(photo, mayExtend);
  const room = Math.min(east ? right - x : x + side - left, south ? bottom - y : y + side - top);
  const grown = clamp(side + ((east ? dx : -dx) + (south ? dy : -dy)) / 2, Math.min(SMALLEST, room), room);
  return [east ? x : x + side - grown, south ? y : y + side - grown, grown];
}

/**
 * @param {Size} photo
 * @param {boolean} mayExtend
 * @param {number[]} square  left, top, side in units
 * @returns {Square} in whole pixels
 */
export function squareInPixels(photo, mayExtend, [x, y, side]) {
  const f = photoFrame(photo);
  const { width, height } = photo;
  const whole = Math.max(1, Math.round(side / f.k));
  const at = [Math.round((x - f.x) / f.k), Math.round((y - f.y) / f.k)];
  if (mayExtend) return [...at, whole];
  const inside = Math.min(whole, width, height);
  return [clamp(at[0], 0, width - inside), clamp(at[1], 0, height - inside), inside];
}

/**
 * @param {Size} photo
 * @returns {Square} a quarter larger than the photo, around its middle, as far as the world goes
 */
export function widerSquare(photo) {
  const f = photoFrame(photo);
  const side = Math.min(SIDE, Math.max(f.width, f.height) * 1.25);
  return squareInPixels(photo, true, [SIDE / 2 - side / 2, SIDE / 2 - side / 2, side]);
}
