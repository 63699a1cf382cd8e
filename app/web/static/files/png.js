// The settings inside a PNG of ours: an iTXt (or tEXt) chunk with the key "onestroke". A dropped file is hostile, so every
// length is checked, at most 64 KB are read, and whatever does not fit gives null.
import { FILE_MAX } from './photo.js';
import { STROKES_KEY, STROKES_MAX, strokesIn } from './strokestext.js';
import { crc32 } from './zip.js';
/** @import { Operation } from '../surface/operations.js' */

const RECORD_KEY = 'onestroke';
const RECORD_MAX = 65536; // bytes of its text
const NUMBERS = ['grow', 'feather', 'factor', 'sigma', 'blur', 'frames', 'amount', 'seed_b', 'count']; // of the other tabs
const PNG_HEAD = [137, 80, 78, 71, 13, 10, 26, 10];

/**
 * What a picture of ours says of itself. Every field may be missing (null or undefined), and is checked where it is not.
 * @typedef {object} PictureRecord
 * @property {string} task  of which tab
 * @property {boolean} enlarged  whether it was made larger than the model makes pictures
 * @property {string | null} strokes  of a painting: a data URL of a PNG, as are mask, layer and input
 * @property {Operation[] | null} [ops]  of a painting: its strokes, each by itself
 * @property {string | null} mask  white where the picture was filled, as large as the picture
 * @property {string | null} layer  strokes or dabs of colour
 * @property {string | null} input  what the model was given
 * @property {number[] | null} square  left, top, side in pixels of the extended photo
 * @property {number | null} side  of the largest square that was found around the mask, in pixels
 * @property {number[] | null} extend  pixels that the photo was extended by at the left, top, right and bottom
 * @property {unknown[] | null} ends  the two pictures of a way
 * @property {Record<string, number>} numbers  settings of single tabs
 * @property {Record<string, number | string | undefined>} settings  seed, steps, schedule, axis, strength, how, look
 */

/**
 * @param {Blob} file  of any kind
 * @returns {Promise<PictureRecord | null>} null where it is no PNG, or none of ours
 */
export async function readRecord(file) {
  const chunks = chunksOf(new Uint8Array(await file.arrayBuffer()));
  const text = recordTextOf(chunks);
  const record = text === null ? null : checkRecord(text);
  if (record?.strokes) record.ops = strokesIn(textOf(chunks, STROKES_KEY, STROKES_MAX));
  return record;
}

/**
 * @param {Uint8Array} bytes  of a file of any kind
 * @returns {{ type: string, data: Uint8Array }[]} the chunks of a PNG file, up to one that is cut short
 */
export function chunksOf(bytes) {
  const chunks = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (!PNG_HEAD.every((byte, i) => bytes[i] === byte)) return chunks;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return chunks;
}

/** @param {{ type: string, data: Uint8Array }[]} chunks */
export const recordTextOf = (chunks) => textOf(chunks, RECORD_KEY, RECORD_MAX);

/** @param {string} text  of a record */
export const recordChunk = (text) => textChunk(RECORD_KEY, text);

/**
 * @param {{ type: string, data: Uint8Array }[]} chunks
 * @param {string} key
 * @param {number} most  bytes that the text may have
 * @returns {string | null} what one of them says under the key
 */
function textOf(chunks, key, most) {
  for (const { type, data } of chunks) {
    if ((type !== 'iTXt' && type !== 'tEXt') || data.length > most + 64) continue; // the key, a language
    const text = chunkText(type, data, key);
    if (text !== null) return text;
  }
  return null;
}

/**
 * @param {string} key
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>} the chunk that it is written in
 */
export function textChunk(key, text) {
  const body = new TextEncoder().encode(`iTXt${key}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(chunk.length - 4, crc32(body));
  return chunk;
}

/**
 * The same of a file that somebody brings: one that is too large to be ours is not read.
 * @param {File} file
 * @returns {Promise<PictureRecord | null>}
 */
export async function recordIn(file) {
  return file.type === 'image/png' && file.size <= FILE_MAX ? readRecord(file).catch(() => null) : null;
}

function chunkText(type, data, key) {
  const end = data.subarray(0, key.length + 1).indexOf(0);
  if (end < 0 || String.fromCharCode(...data.subarray(0, end)) !== key) return null;
  if (type === 'tEXt') return new TextDecoder('latin1').decode(data.subarray(end + 1));
  if (data[end + 1] !== 0) return null; // compressed: not ours
  const language = data.indexOf(0, end + 3);
  const translated = data.indexOf(0, language + 1);
  return language < 0 || translated < 0 ? null : new TextDecoder().decode(data.subarray(translated + 1));
}

const pictureUrl = (value) => (typeof value === 'string' && value.startsWith('data:image/png;base64,') ? value : null);
const axisOf = ({ axis }) => (axis === 'paper' ? axis : 'grey'); // older records name none
const wholeWithin = (value, low, high) => (Number.isInteger(value) && value >= low && value <= high ? value : undefined);
function wholesFrom(list, count, low) {
  const fit = Array.isArray(list) && list.length === count && list.every((value) => wholeWithin(value, low, 100000) !== undefined);
  return fit ? list : null;
}

function largestSide(squares) {
  const sides = Array.isArray(squares) ? squares.map((each) => wholesFrom(each, 3, -100000)?.[2] ?? 0) : [];
  return Math.max(0, ...sides) || null;
}

function checkRecord(text) {
  try {
    const record = JSON.parse(text);
    if (Array.isArray(record.seeds)) record.seed_b = wholeWithin(record.seeds[1], 0, 2147483647); // of a way
    return {
      task: String(record.task ?? ''),
      enlarged: record.task === 'super-resolve' || record.enlarged > 1,
      strokes: record.task === 'paint' ? pictureUrl(record.strokes) : null,
      mask: pictureUrl(record.mask),
      layer: record.task === 'colorize' ? pictureUrl(record.dabs) : pictureUrl(record.strokes),
      input: pictureUrl(record.input),
      square: wholesFrom(record.square, 3, -100000),
      side: largestSide(record.squares),
      extend: wholesFrom(record.extend, 4, 0),
      ends: Array.isArray(record.ends) ? record.ends.slice(0, 2) : null,
      numbers: Object.fromEntries(NUMBERS.filter((name) => Number.isFinite(record[name])).map((name) => [name, record[name]])),
      settings: {
        seed: wholeWithin(record.seed, 0, 2147483647),
        steps: wholeWithin(record.steps, 1, 40),
        schedule: ['default', 'paper'].includes(record.schedule) ? record.schedule : undefined,
        axis: record.task === 'colorize' ? axisOf(record) : undefined,
        strength: record.strength >= 0 && record.strength <= 1 ? Number(record.strength) : undefined,
        how: ['fill', 'erase'].includes(record.how) ? record.how : undefined,
        look: typeof record.look === 'string' ? record.look : undefined,
      },
    };
  } catch { return null; }
}
