// A square that is moved and resized over the photo, and a frame whose sides are: kept within bounds, drawn to the photo's
// edges, rounded to pixels.
import { clamp } from '../shared/dom.js';
import { frameInWorld, photoFrame } from './frame.js';
/** @import { Sides, Size, Square } from './frame.js' */

export const SMALLEST = 32;   // units of a square's side where the view shows the square alone: it enlarges eight times
const SNAP = 3;               // units to the photo's edge within which the square keeps to it
const FARTHEST = 1;           // of the photo's longer side: what a frame may reach out on each side

// Left, top, right and bottom of where the square may be, in units.
function boundsOf(photo, frame) {
  const [x, y, width, height] = frameInWorld(photo, frame);
  return [x, y, x + width, y + height];
}

/**
 * The square nearest to one that is asked for, all in units.
 * @param {Size} photo
 * @param {Sides} frame  that the photo is extended by: the square stays within
 * @param {number[]} square  left, top, side; where the side must change, the middle stays
 * @param {number} [least]  the smallest side
 * @returns {number[]} left, top, side
 */
export function fitSquare(photo, frame, [x, y, side], least = SMALLEST) {
  const f = photoFrame(photo);
  const [left, top, right, bottom] = boundsOf(photo, frame);
  const most = Math.min(right - left, bottom - top);
  const fitting = clamp(side, Math.min(least, most), most);
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
 * @param {Sides} frame
 * @param {number[]} square  left, top, side in units, as it was
 * @param {string} corner  "nw", "ne", "sw" or "se"
 * @param {number[]} by  how far the corner moved, in units
 * @param {number} [least]  the smallest side
 * @returns {number[]} left, top, side in units
 */
export function resizeSquare(photo, frame, [x, y, side], corner, [dx, dy], least = SMALLEST) {
  const [east, south] = [corner.includes('e'), corner.includes('s')];
  const [left, top, right, bottom] = boundsOf(photo, frame);
  const room = Math.min(east ? right - x : x + side - left, south ? bottom - y : y + side - top);
  const grown = clamp(side + ((east ? dx : -dx) + (south ? dy : -dy)) / 2, Math.min(least, room), room);
  return [east ? x : x + side - grown, south ? y : y + side - grown, grown];
}

/**
 * @param {Size} photo
 * @param {Sides} frame
 * @param {number[]} square  left, top, side in units
 * @returns {Square} in whole pixels, within the frame
 */
export function squareInPixels(photo, [l, t, r, b], [x, y, side]) {
  const f = photoFrame(photo);
  const { width, height } = photo;
  const whole = Math.max(1, Math.round(side / f.k));
  const inside = Math.min(whole, width + l + r, height + t + b);
  const [left, top] = [Math.round((x - f.x) / f.k), Math.round((y - f.y) / f.k)];
  return [clamp(left, -l, width + r - inside), clamp(top, -t, height + b - inside), inside];
}

/**
 * A frame whose side or corner is dragged outwards or back, as far as the photo itself.
 * @param {Size} photo
 * @param {Sides} frame  as it was
 * @param {string} edge  "n", "e", "s", "w" or a corner such as "nw"
 * @param {number[]} by  how far the edge moved, in units
 * @returns {Sides} in whole pixels
 */
export function dragFrame(photo, frame, edge, [dx, dy]) {
  const { k } = photoFrame(photo);
  const most = FARTHEST * Math.max(photo.width, photo.height);
  const out = { w: -dx, n: -dy, e: dx, s: dy };
  const moved = (name, at) => {
    if (!edge.includes(name)) return frame[at];
    const units = frame[at] * k + out[name];
    return units < SNAP ? 0 : Math.round(clamp(units / k, 0, most));
  };
  return [moved('w', 0), moved('n', 1), moved('e', 2), moved('s', 3)];
}
