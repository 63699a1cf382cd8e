// Pictures that lie among the marks: a mask from a file, strokes of colour from a result.
import { decoded } from '../files/photos.js';
import { flat } from '../surface/operations.js';
import { createLayer } from './layers.js';
/** @import { Operation } from '../surface/operations.js' */

export const MASK_SIDE = 4096; // pixels of the longer side of a mask, at most: larger photos have theirs enlarged

/**
 * White is to be filled, all else is not.
 * @param {Uint8ClampedArray} data  RGBA; becomes opaque white where it was white and rather opaque, and transparent elsewhere
 */
export function toMask(data) {
  for (let i = 0; i < data.length; i += 4) {
    const white = data[i + 3] > 127 && data[i] + data[i + 1] + data[i + 2] > 382;
    data.fill(white ? 255 : 0, i, i + 4);
  }
}

async function readMask(src) {
  const image = await decoded(src);
  const scale = Math.min(1, MASK_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const { canvas, ctx } = createLayer(1);
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = ctx.getImageData(0, 0, canvas.width, canvas.height);
  toMask(pixels.data);
  ctx.putImageData(pixels, 0, 0);
  return canvas;
}

/** @returns {{ get: (src: string) => CanvasImageSource, prepare: (ops: Operation[]) => Promise<void> }} by data URL */
export function createMarkPictures() {
  /** @type {Map<string, CanvasImageSource>} */
  const known = new Map(); // by data URL
  const read = { picture: readMask, ink: decoded };
  return {
    get: (src) => known.get(src),
    // Reads what the pictures among these operations hold. Raises where one cannot be read.
    async prepare(ops) {
      for (const { tool, src } of flat(ops)) if (read[tool] && !known.has(src)) known.set(src, await read[tool](src));
    },
  };
}
