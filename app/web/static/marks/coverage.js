// How much of a box is marked.
import { createLayer } from './layers.js';
/** @import { Layer } from './layers.js' */

const PROBE = 128;      // pixels a side: fine enough to see a single touch of the thinnest brush
const FULL_ALPHA = 250; // of 255: an antialiased edge still covers

/** @typedef {{ any: boolean, all: boolean }} Coverage */

/**
 * @param {Layer} layer
 * @returns {(box: number[]) => Coverage} of x, y, width, height in pixels of the layer
 */
export function createCoverage(layer) {
  const { ctx } = createLayer(PROBE);
  return ([x, y, width, height]) => {
    ctx.clearRect(0, 0, PROBE, PROBE);
    ctx.drawImage(layer.canvas, x, y, width, height, 0, 0, PROBE, PROBE);
    return coverageOf(ctx.getImageData(0, 0, PROBE, PROBE).data);
  };
}

/**
 * @param {Uint8ClampedArray} data  RGBA
 * @returns {Coverage} whether any pixel is touched, and whether all are covered
 */
export function coverageOf(data) {
  let [any, all] = [false, true];
  for (let i = 3; i < data.length; i += 4) {
    any ||= data[i] > 0;
    all &&= data[i] > FULL_ALPHA;
  }
  return { any, all };
}
