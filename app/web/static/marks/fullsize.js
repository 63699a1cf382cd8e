// A layer of the photo alone, drawn again from its marks at the photo's own size: its edges are as sharp as they were
// painted, however large the photo.
import { drawMark } from './drawmark.js';
import { photoBox } from './frame.js';
import { layerOf } from './layers.js';
/** @import { Operation } from '../surface/operations.js' */

/**
 * @param {Operation[]} ops
 * @param {Parameters<typeof drawMark>[2]} world  the photo and what drawing a mark takes besides
 * @param {object} options
 * @param {'mask' | 'ink'} options.layer
 * @param {number} options.most  pixels of the longer side, where the photo has not fewer
 * @param {string} [options.background]  under what is marked; otherwise it stays transparent
 * @returns {string} data URL of a PNG
 */
export function drawFullSize(ops, world, { layer, most, background }) {
  const scale = Math.min(1, most / Math.max(world.photo.width, world.photo.height));
  const [width, height] = [world.photo.width, world.photo.height].map((v) => Math.max(1, Math.round(v * scale)));
  const on = { mask: largeLayer(world.photo, width, height), ink: largeLayer(world.photo, width, height) };
  for (const op of ops) drawMark(op, on, world);
  const { canvas, ctx } = on[layer];
  if (background) {
    ctx.resetTransform();
    ctx.globalCompositeOperation = 'destination-over';
    ctx.fillStyle = background;
    ctx.fillRect(0, 0, width, height);
  }
  return canvas.toDataURL('image/png');
}

// Of this many pixels, on which the photo alone lies where the whole world would.
function largeLayer(photo, width, height) {
  const [x, y, w, h] = photoBox(photo);
  const layer = layerOf(Object.assign(document.createElement('canvas'), { width, height }));
  layer.ctx.setTransform(width / w, 0, 0, height / h, -x * width / w, -y * height / h);
  return layer;
}
