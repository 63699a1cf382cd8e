// The PNG file of a painting's picture, with its strokes inside.
import { chunksOf, recordTextOf, textChunk } from './png.js';
import { STROKES_KEY, strokesText } from './strokestext.js';
/** @import { Operation } from '../surface/operations.js' */

const HEAD = 33; // bytes of a PNG file before its second chunk

/**
 * @param {Blob} png  a PNG file
 * @param {string | null} record  that it holds, as text
 * @param {Operation[]} [ops]  that it was made of
 * @param {Uint8Array<ArrayBuffer>[]} more  chunks that come first
 * @returns {Blob} the file with the strokes in it, where the record is one of a painting
 */
export function withStrokes(png, record, ops = [], more = []) {
  const text = isPainting(record) ? strokesText(ops) : null;
  const chunks = text === null ? more : [...more, textChunk(STROKES_KEY, text)];
  return new Blob([png.slice(0, HEAD), ...chunks, png.slice(HEAD)], { type: 'image/png' });
}

/**
 * @param {object} picture
 * @param {string} picture.png  data URL
 * @param {Operation[]} [picture.ops]  that it was made of
 * @returns {Promise<Blob>} its file
 */
export async function pngFile({ png, ops }) {
  const file = await (await fetch(png)).blob();
  return withStrokes(file, recordTextOf(chunksOf(new Uint8Array(await file.arrayBuffer()))), ops);
}

function isPainting(record) {
  try { return JSON.parse(record ?? 'null')?.task === 'paint'; } catch { return false; }
}
