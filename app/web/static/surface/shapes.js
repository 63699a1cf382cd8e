// Filled shapes: a rectangle and an ellipse between two points, a polygon of its corners.
/** @import { Operation } from './operations.js' */

const DRAGGED = ['rect', 'ellipse']; // from where the pointer came down to where it is lifted
export const SHAPES = [...DRAGGED, 'polygon'];
const THINNEST = 1; // units that a shape is wide and high

/** @param {string} tool */
export const isDragged = (tool) => DRAGGED.includes(tool);

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Operation} op  a shape; a polygon of two corners, as it is while it is begun, is a line
 * @param {number} scale  pixels of a unit
 */
export function drawShape(ctx, op, scale) {
  const isLine = op.tool === 'polygon' && op.points.length < 3;
  ctx.globalAlpha = op.opacity ?? 1;
  ctx.fillStyle = ctx.strokeStyle = op.color;
  ctx.lineWidth = scale;
  ctx.beginPath();
  shapeOutline(ctx, op, scale);
  if (isLine) ctx.stroke(); else ctx.fill();
  ctx.globalAlpha = 1;
}

function shapeOutline(ctx, op, scale) {
  const [first, ...others] = op.points.map((point) => point.map((v) => v * scale));
  if (op.tool === 'polygon') {
    ctx.moveTo(...first);
    for (const corner of others) ctx.lineTo(...corner);
    ctx.closePath();
    return;
  }
  const [left, top, width, height] = shapeBox(op).map((v) => v * scale);
  if (op.tool === 'rect') ctx.rect(left, top, width, height);
  else ctx.ellipse(left + width / 2, top + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
}

/**
 * @param {Operation} op  of two points
 * @returns {number[]} left, top, width, height in units
 */
export function shapeBox({ points: [[ax, ay], [bx, by]] }) {
  return [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)];
}

/**
 * @param {number[]} from  a corner, in units
 * @param {number[]} to  the opposite one
 * @param {boolean} even  as wide as it is high
 * @returns {number[][]} both corners
 */
export function stretched([ax, ay], [bx, by], even) {
  if (!even) return [[ax, ay], [bx, by]];
  const side = Math.max(Math.abs(bx - ax), Math.abs(by - ay));
  return [[ax, ay], [bx < ax ? ax - side : ax + side, by < ay ? ay - side : ay + side]];
}

/**
 * @param {Operation} op
 * @returns {boolean} whether it is a shape too thin to be meant
 */
export function isTooThin(op) {
  if (op.tool === 'polygon') return op.points.length < 3;
  return isDragged(op.tool) && Math.min(...shapeBox(op).slice(2)) < THINNEST;
}
