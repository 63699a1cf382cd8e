// Which step of a painting lies under a point, and where a step is.
import { SHAPES, shapeBox } from './shapes.js';
/** @import { Operation } from './operations.js' */

const SLACK = 2; // units beside a stroke that count as on it

/**
 * @param {Operation} op
 * @param {number[]} point  in units
 * @param {(op: Operation) => FilledArea | undefined} areaOf  what a fill filled
 * @returns {boolean} whether the step lies under it
 */
export function isUnder(op, point, areaOf) {
  switch (op.tool) {
    case 'brush': case 'eraser': return isOnLine(op, point);
    case 'fill': return areaOf(op)?.has(point) ?? false;
    case 'rect': case 'ellipse': return isInBox(op, point);
    case 'polygon': return isInPolygon(op.points, point);
    default: return false;
  }
}

/**
 * @typedef {object} FilledArea
 * @property {(point: number[]) => boolean} has
 * @property {number[]} box  left, top, width, height in units
 */

/**
 * @param {Uint8Array} mask  1 in every pixel of the area
 * @param {number} width  of the mask in pixels
 * @param {number} scale  pixels of a unit
 * @returns {FilledArea} of one pixel for each unit
 */
export function filledArea(mask, width, scale) {
  const side = Math.floor(width / scale);
  const small = new Uint8Array(side * side);
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (!mask[Math.floor((y + 0.5) * scale) * width + Math.floor((x + 0.5) * scale)]) continue;
      small[y * side + x] = 1;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), y + 1];
    }
  }
  const within = (v) => v >= 0 && v < side;
  return {
    has: ([x, y]) => within(x) && within(y) && small[Math.floor(y) * side + Math.floor(x)] === 1,
    box: [left, top, Math.max(0, right - left), Math.max(0, bottom - top)],
  };
}

/**
 * @param {Operation} op
 * @param {(op: Operation) => FilledArea | undefined} areaOf
 * @returns {number[]} left, top, width, height in units
 */
export function boxAround(op, areaOf) {
  if (op.tool === 'fill') return areaOf(op)?.box ?? [...op.point, 0, 0];
  const reach = SHAPES.includes(op.tool) ? 0 : op.size / 2;
  const [left, top, right, bottom] = [Math.min, Math.max].flatMap((end) =>
    [0, 1].map((axis) => end(...op.points.map((point) => point[axis]))));
  return [left - reach, top - reach, right - left + 2 * reach, bottom - top + 2 * reach];
}

function isOnLine({ points, size }, point) {
  const reach = (width = 1) => size * width / 2 + SLACK;
  if (Math.hypot(point[0] - points[0][0], point[1] - points[0][1]) <= reach(points[0][2])) return true;
  return points.some((end, i) => i > 0 && distanceTo(points[i - 1], end, point) <= reach(end[2]));
}

// From a point to the nearest of a line.
function distanceTo([ax, ay], [bx, by], [x, y]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function isInBox(op, [x, y]) {
  const [left, top, width, height] = shapeBox(op);
  const [u, v] = [(x - left) / width, (y - top) / height];
  return op.tool === 'rect' ? u >= 0 && u <= 1 && v >= 0 && v <= 1 : Math.hypot(u - 0.5, v - 0.5) <= 0.5;
}

// By how often a line to the right leaves the polygon: as often as it enters where it began outside. As it is filled:
// a region that its outline goes around twice is inside.
function isInPolygon(corners, [x, y]) {
  let winding = 0;
  for (const [i, [bx, by]] of corners.entries()) {
    const [ax, ay] = corners.at(i - 1);
    if ((ay > y) === (by > y)) continue;
    const crosses = ax + (y - ay) * (bx - ax) / (by - ay);
    if (crosses > x) winding += by > ay ? 1 : -1;
  }
  return winding !== 0;
}
