// The "before" picture: what of the photo lies in the model's square, as the model is given it.
import { sheetCanvas } from '../surface/draw.js';
import { createLayer } from './layers.js';
/** @import { Photo } from '../files/photos.js' */
/** @import { Square } from './frame.js' */

export const BEFORE_SIDE = 512; // pixels

/**
 * @typedef {object} Placed
 * @property {Photo | null} photo
 * @property {Square | null} square
 */

/**
 * Draws the part of the photo that lies in the square.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Placed} placed
 * @param {number} side  of the square in pixels of the canvas, from its upper left corner
 */
export function drawSquare(ctx, { photo, square }, side) {
  const scale = side / square[2];
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(photo.image, -square[0] * scale, -square[1] * scale, photo.width * scale, photo.height * scale);
}

/**
 * @param {((ctx: CanvasRenderingContext2D, placed: Placed) => void)} [change]  what becomes of it before the model
 */
export function createBefore(change) {
  const sheet = createLayer(BEFORE_SIDE);
  return {
    sheet,
    /** @param {Placed} placed */
    show(placed) {
      sheet.ctx.clearRect(0, 0, BEFORE_SIDE, BEFORE_SIDE);
      if (!placed.photo) return;
      drawSquare(sheet.ctx, placed, BEFORE_SIDE);
      change?.(sheet.ctx, placed);
    },
  };
}

/**
 * Without its colours.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Placed} placed
 */
export function greyBefore(ctx, placed) {
  ctx.clearRect(0, 0, BEFORE_SIDE, BEFORE_SIDE);
  ctx.filter = 'grayscale(1)';
  drawSquare(ctx, placed, BEFORE_SIDE);
  ctx.filter = 'none';
}

/**
 * Means over blocks, shown as they are.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} side  blocks in a row
 */
export function smallBefore(ctx, side) {
  const small = sheetCanvas(side);
  const means = blockMeans(ctx.getImageData(0, 0, BEFORE_SIDE, BEFORE_SIDE), side);
  small.getContext('2d').putImageData(new ImageData(means, side, side), 0, 0);
  drawExact(ctx, small);
}

/**
 * Over the whole sheet, its pixels as they are.
 * @param {CanvasRenderingContext2D} ctx
 * @param {CanvasImageSource} image
 */
export function drawExact(ctx, image) {
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(image, 0, 0, BEFORE_SIDE, BEFORE_SIDE);
  ctx.imageSmoothingEnabled = true;
}

/**
 * @param {{ data: Uint8ClampedArray, width: number }} picture  a square of RGBA
 * @param {number} side  blocks in a row, at most a pixel each; a pixel between two blocks counts for both
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA of the means, opaque
 */
export function blockMeans({ data, width }, side) {
  const out = new Uint8ClampedArray(4 * side * side).fill(255);
  const block = width / side;
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
    out.set(meanOf(data, width, [x * block, y * block, (x + 1) * block, (y + 1) * block]), 4 * (y * side + x));
  }
  return out;
}

// Red, green and blue of the pixels that begin before the box ends and end behind its beginning.
function meanOf(data, width, [left, top, right, bottom]) {
  const sum = [0, 0, 0];
  let n = 0;
  for (let v = Math.floor(top); v < bottom; v++) for (let u = Math.floor(left); u < right; u++) {
    const at = 4 * (v * width + u);
    for (let c = 0; c < 3; c++) sum[c] += data[at + c];
    n += 1;
  }
  return sum.map((value) => Math.round(value / n));
}
