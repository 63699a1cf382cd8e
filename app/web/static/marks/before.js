// The "before" picture: what of the photo lies in the model's square, as the model is given it.
import { createLayer } from './layers.js';
/** @import { Photo } from '../files/photos.js' */
/** @import { Square } from './frame.js' */

const BEFORE_SIDE = 512; // pixels

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
function drawSquare(ctx, { photo, square }, side) {
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
 * Over the whole sheet, its pixels as they are.
 * @param {CanvasRenderingContext2D} ctx
 * @param {CanvasImageSource} image
 */
export function drawExact(ctx, image) {
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(image, 0, 0, BEFORE_SIDE, BEFORE_SIDE);
  ctx.imageSmoothingEnabled = true;
}
