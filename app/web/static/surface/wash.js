// Strokes with a soft edge, or that let through what is below. A pixel is covered by the nearest part of the stroke alone,
// so a stroke that crosses itself does not get darker there, and drawn in pieces it is what it is drawn at once.
// Everything is counted here, because what browsers blur differs.
import { fromHex } from './color.js';
/** @import { Operation } from './operations.js' */

const SPACING = 1 / 6;  // of the brush's radius: parts that are nearer to each other are one
const COVERED = 255;

/** @param {Operation} op */
export const isWash = ({ soft = 0, opacity = 1 }) => soft > 0 || opacity < 1;

/**
 * How much of each pixel a stroke covers.
 * @param {number} width  of the picture in pixels
 * @param {number} height
 * @param {number} soft  share of the brush over which its edge fades, 0 to 1
 */
export function createCover(width, height, soft) {
  const covered = new Uint8Array(width * height); // 0 to 255

  // Covers what lies around a line from a to b: points in pixels with the radius there. Gives the box that it changed.
  function cover([ax, ay, aRadius], [bx, by, bRadius]) {
    const reach = Math.max(aRadius, bRadius) + 0.5;
    const [left, right] = within(Math.min(ax, bx) - reach, Math.max(ax, bx) + reach, width);
    const [top, bottom] = within(Math.min(ay, by) - reach, Math.max(ay, by) + reach, height);
    const [dx, dy] = [bx - ax, by - ay];
    const scale = 1 / (dx * dx + dy * dy || 1);
    for (let y = top; y < bottom; y++) {
      const py = y + 0.5 - ay;
      for (let x = left, i = y * width + left; x < right; x++, i++) {
        if (covered[i] === COVERED) continue;
        const px = x + 0.5 - ax;
        const along = Math.min(1, Math.max(0, (px * dx + py * dy) * scale));
        const outer = aRadius + along * (bRadius - aRadius) + 0.5;
        const ex = px - along * dx;
        const ey = py - along * dy;
        const distance2 = ex * ex + ey * ey;
        if (distance2 >= outer * outer) continue;
        const value = fading(Math.sqrt(distance2), outer, soft);
        if (value > covered[i]) covered[i] = value;
      }
    }
    return [left, top, right, bottom];
  }
  return { covered, cover };
}

const within = (low, high, length) => [Math.floor(low), Math.ceil(high)].map((v) => Math.min(length, Math.max(0, v)));

// Full inside, nothing at the outer end, smooth over the soft part; a hard edge is one pixel wide.
function fading(distance, outer, soft) {
  const inner = Math.max(0, outer - 1) * (1 - soft);
  const t = Math.min(1, (outer - distance) / (outer - inner));
  return Math.round(COVERED * (soft > 0 ? t * t * (3 - 2 * t) : t));
}

/**
 * A stroke that is drawn as it grows.
 * @param {object} sheet
 * @param {CanvasRenderingContext2D} sheet.ctx  of the bitmap, as it was before the stroke
 * @param {CanvasRenderingContext2D} sheet.paperCtx  of the paper, to which the eraser goes back
 * @param {Operation} op
 * @param {number} scale  pixels of a unit
 * @returns {{ draw: (points: number[][]) => void }} takes all points that there are by now, in units
 */
export function startWash({ ctx, paperCtx }, op, scale) {
  const { width, height } = ctx.canvas;
  const below = ctx.getImageData(0, 0, width, height);
  const target = op.tool === 'eraser' ? paperCtx.getImageData(0, 0, width, height).data : null;
  const mixed = new ImageData(new Uint8ClampedArray(below.data), width, height);
  const { covered, cover } = createCover(width, height, op.soft ?? 0);
  const colour = target ? null : fromHex(op.color);
  let done = 0; // points of the line that are drawn and stay

  function mix([left, top, right, bottom]) {
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        const share = covered[i] * (op.opacity ?? 1) / COVERED;
        if (share === 0) continue;
        for (let c = 4 * i, k = 0; k < 3; c++, k++) {
          mixed.data[c] = Math.round(below.data[c] + share * ((colour ? colour[k] : target[c]) - below.data[c]));
        }
      }
    }
  }
  return {
    draw(points) {
      const radius = op.size * scale / 2;
      const line = lineOf(points.map(([x, y, share = 1]) => [x * scale, y * scale, share * radius]), radius);
      const fresh = line.slice(Math.max(0, done - 1));
      const boxes = fresh.length === 1 ? [cover(fresh[0], fresh[0])] : fresh.slice(1).map((point, i) => cover(fresh[i], point));
      done = line.length - 1;
      const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(...boxes.map((box) => box[side])));
      if (left >= right || top >= bottom) return;
      mix([left, top, right, bottom]);
      ctx.putImageData(mixed, 0, 0, left, top, right - left, bottom - top);
    },
  };
}

/**
 * A stroke's curve, as points that are nearer to each other only where it can be seen.
 * @param {number[][]} points  x, y, radius in pixels
 * @param {number} radius  the largest
 * @returns {number[][]} the same kind; a line that grows keeps all of them but the last
 */
export function lineOf(points, radius) {
  const apart = Math.max(1, SPACING * radius);
  const line = [points[0]];
  const add = (point) => { if (Math.hypot(point[0] - line.at(-1)[0], point[1] - line.at(-1)[1]) >= apart) line.push(point); };
  const middle = (i) => points[i].map((v, k) => (v + points[i + 1][k]) / 2);
  for (let i = 1; i < points.length - 1; i++) {
    const [from, to] = [middle(i - 1), middle(i)];
    const parts = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / apart);
    for (let part = 1; part <= parts; part++) add(onCurve(from, points[i], to, part / parts));
  }
  if (points.length > 1) line.push(points.at(-1));
  return line;
}

// From a to c around b, as the hard brush goes (surface/draw.js); t is 0 to 1.
function onCurve(a, b, c, t) {
  return a.map((v, k) => (1 - t) * (1 - t) * v + 2 * t * (1 - t) * b[k] + t * t * c[k]);
}
