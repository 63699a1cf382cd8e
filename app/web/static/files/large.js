// A picture of the model's own size as a larger PNG file, with the same settings inside.
//
// It is enlarged as super-resolution begins (core/first_guess.py, core/smooth_means.py): by a cubic filter, and by what
// that misses of each block's mean as a smooth picture. Nearer to the original than Lanczos, and than the model
// (docs/editing.md).
import { decoded } from './photos.js';
import { chunksOf, recordChunk, recordTextOf } from './png.js';
import { withStrokes } from './strokespng.js';
import { make } from '../shared/dom.js';
/** @import { Operation } from '../surface/operations.js' */

const TIMES = 4;
const LARGE_SIDE = 512;    // pixels of the shorter side of a picture that needs no enlarging
/** @typedef {{ reach: number, weight: (x: number) => number, before: number[] }} Filter  before: taps on the small row */
/** @type {Filter} */
const CUBIC = { reach: 2, weight: cubic, before: [1] };
// The means of a row that is enlarged in lines by an even number are the row under (1, 6, 1) / 8; this is the inverse.
/** @type {Filter} */
const SMOOTH = { reach: 1, weight: (x) => 1 - Math.abs(x), before: Array.from({ length: 17 }, (_, k) => Math.SQRT2 * (Math.sqrt(8) - 3) ** Math.abs(k - 8)) };
const IN_PIXELS = ['square', 'extend', 'grow', 'feather', 'blur']; // of a record, in pixels of the picture

/**
 * @param {string | undefined} png  data URL
 * @returns {{ width: number, height: number } | null} of the picture made large; null where it is large already, or none
 */
export function largeSize(png) {
  if (!png?.startsWith('data:image/png;base64,')) return null;
  const head = Uint8Array.from(atob(png.slice(22, 54)), (c) => c.charCodeAt(0)); // width and height are bytes 16 to 23
  const view = new DataView(head.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return Math.min(width, height) * 2 > LARGE_SIDE ? null : { width: TIMES * width, height: TIMES * height };
}

/**
 * @param {string} png  data URL of a picture of ours
 * @param {Operation[]} [ops]  that it was made of
 * @returns {Promise<Blob>} a PNG file
 */
export async function largePng(png, ops) {
  const image = await decoded(png);
  const small = make('canvas', { width: image.naturalWidth, height: image.naturalHeight });
  const ctx = small.getContext('2d');
  ctx.drawImage(image, 0, 0);
  const large = make('canvas', { width: TIMES * small.width, height: TIMES * small.height });
  const pixels = enlarged(ctx.getImageData(0, 0, small.width, small.height), TIMES);
  large.getContext('2d').putImageData(new ImageData(pixels, large.width, large.height), 0, 0);
  /** @type {Blob} */
  const drawn = await new Promise((resolve) => large.toBlob(resolve, 'image/png'));
  const bytes = new Uint8Array(await (await fetch(png)).arrayBuffer());
  const text = recordTextOf(chunksOf(bytes));
  return withStrokes(drawn, text, ops, text ? [recordChunk(largeRecord(text))] : []);
}

/**
 * @param {string} text  of the record of a picture
 * @returns {string} that of the picture made large
 */
export function largeRecord(text) {
  const record = JSON.parse(text);
  const scaled = (value) => (Array.isArray(value) ? value.map(scaled) : typeof value === 'number' ? TIMES * value : value);
  for (const name of IN_PIXELS) if (name in record) record[name] = scaled(record[name]);
  return JSON.stringify({ ...record, enlarged: TIMES });
}

/**
 * @param {{ data: ArrayLike<number>, width: number, height: number }} picture  RGBA
 * @param {number} times  an even number
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA, so many times as large on each side; a block's mean is its pixel, except beside black and white
 */
export function enlarged({ data, width, height }, times) {
  const large = filtered(data, width, height, times, CUBIC);
  const means = blockMeans(large, width, height, times);
  const missing = filtered(Float32Array.from(data, (value, i) => value - means[i]), width, height, times, SMOOTH);
  return Uint8ClampedArray.from(large, (value, i) => value + missing[i]);
}

function filtered(pixels, width, height, times, filter) {
  const wide = resampled(pixels, height, filtersOf(width, times, filter));
  return resampled(wide, width * times, filtersOf(height, times, filter));
}

function blockMeans(large, width, height, times) {
  const means = new Float32Array(4 * width * height);
  large.forEach((value, i) => {
    const [x, y] = [(i >> 2) % (width * times), Math.floor((i >> 2) / (width * times))];
    means[4 * (Math.floor(y / times) * width + Math.floor(x / times)) + i % 4] += value / times ** 2;
  });
  return means;
}

// Along the rows; what comes out is transposed, so that twice is both ways.
function resampled(pixels, rows, weights) {
  const columns = pixels.length / 4 / rows;
  const out = new Float32Array(4 * rows * weights.length);
  weights.forEach(({ from, taps }, x) => {
    for (let y = 0; y < rows; y++) for (let c = 0; c < 4; c++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k] * pixels[4 * (y * columns + from + k) + c];
      out[4 * (x * rows + y) + c] = sum;
    }
  });
  return out;
}

// For each pixel of an enlarged row the weights of those that it is made of, from the first one on.
function filtersOf(length, times, { reach, weight, before }) {
  const within = (i) => Math.min(length - 1, Math.max(0, i));
  const mirrored = (i) => { const at = ((i % (2 * length)) + 2 * length) % (2 * length); return Math.min(at, 2 * length - 1 - at); };
  return Array.from({ length: length * times }, (_, j) => {
    const middle = (j + 0.5) / times - 0.5;
    const weights = new Float64Array(length);
    for (let i = Math.floor(middle) - reach + 1; i <= Math.floor(middle) + reach; i++) {
      before.forEach((tap, k) => { weights[mirrored(within(i) + k - (before.length - 1) / 2)] += tap * weight(i - middle); });
    }
    const from = weights.findIndex((each) => each !== 0);
    return { from, taps: weights.slice(from, weights.findLastIndex((each) => each !== 0) + 1) };
  });
}

// Keys 1981, with the sharpness that core/first_guess.py has.
function cubic(x) {
  const a = -0.75;
  const t = Math.abs(x);
  return t < 1 ? (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1 : a * (t ** 3 - 5 * t ** 2 + 8 * t - 4);
}
