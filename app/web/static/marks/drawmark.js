// One mark on its layers.
import { drawStroke, SCALE } from '../surface/draw.js';
import { photoBox } from './frame.js';
import { drawOn, wipe } from './layers.js';
/** @import { Box, Size } from './frame.js' */
/** @import { Layers } from './layers.js' */
/** @import { Operation } from '../surface/operations.js' */

const FULL = '#fff'; // of a mask

/**
 * @param {Operation} op
 * @param {Layers} on  those that are shown, or larger ones with a transform
 * @param {object} world
 * @param {Size} world.photo
 * @param {boolean} world.masks  whether paint also says what may change
 * @param {{ get: (src: string) => CanvasImageSource }} world.pictures  of masks and of strokes of colour
 * @param {number} [from]  while the pen is down: only what was added since this point
 */
export function drawMark(op, on, { photo, masks, pictures }, from) {
  function stroke(layer, how, color = FULL) {
    drawOn(layer, how, () => drawStroke(layer, { ...op, tool: 'brush', color }, from));
  }
  switch (op.tool) {
    case 'clear': wipe(on); break;
    case 'mask': stroke(on.mask, 'source-over'); stroke(on.ink, 'destination-out'); break;
    case 'eraser': stroke(on.mask, 'destination-out'); stroke(on.ink, 'destination-out'); break;
    case 'paint': if (masks) stroke(on.mask, 'source-over'); stroke(on.ink, 'source-over', op.color); break;
    case 'box': drawOn(on.mask, 'source-over', fillBox(boxOf(op))); on.ink.ctx.clearRect(...boxOf(op)); break;
    case 'invert': drawOn(on.mask, 'xor', fillBox(photoBox(photo))); cutTo(on.ink, on.mask); break;
    case 'picture': wipe(on); on.mask.ctx.drawImage(pictures.get(op.src), ...photoBox(photo)); break;
    case 'ink': on.ink.ctx.drawImage(pictures.get(op.src), ...photoBox(photo, op.inset)); break;
  }
}

/** @param {Box} box */
const fillBox = (box) => (ctx) => { ctx.fillStyle = FULL; ctx.fillRect(...box); };

/**
 * Between a box's first point and its last.
 * @param {Operation} op
 * @returns {Box} in pixels of the layers
 */
function boxOf({ points }) {
  const [[ax, ay], [bx, by]] = [points[0], points.at(-1)].map(([x, y]) => [x * SCALE, y * SCALE]);
  return [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)];
}

// Colour is only where the mask is.
function cutTo(layer, { canvas }) {
  drawOn(layer, 'destination-in', (ctx) => { ctx.save(); ctx.resetTransform(); ctx.drawImage(canvas, 0, 0); ctx.restore(); });
}
