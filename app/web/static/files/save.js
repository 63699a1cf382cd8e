// Pictures to the person's own disk.
import { ownAddress } from '../shared/address.js';
import { make } from '../shared/dom.js';
import { largePng } from './large.js';
import { pngFile } from './strokespng.js';
import { zip } from './zip.js';
/** @import { Operation } from '../surface/operations.js' */

/** @param {string} id  of a result that the server keeps for half an hour */
export const resultAddress = (id) => ownAddress(`picture/${encodeURIComponent(id)}`);

/**
 * A picture that a result, the history or a grid shows.
 * @typedef {object} Picture
 * @property {string} [src]  the preview, a data URL
 * @property {string} [png]  lossless, at the model's own size, its settings inside; a data URL
 * @property {{ result: string, name: string }} [final]  the whole photo at the server
 * @property {number} [seed]
 * @property {Operation[]} [ops]  that it was made of
 * @property {string} [name]  for its file
 */

/**
 * @param {Picture} picture
 * @returns {Promise<Blob | null>} the best there is of it: the whole photo, else the lossless picture, else the preview
 */
export async function pictureBlob({ src, png, final }) {
  for (const address of [final?.result ? resultAddress(final.result) : null, png, src]) {
    if (!address) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return answer.blob();
  }
  return null;
}

/**
 * The whole photo, else the lossless picture: no file of the latter is on the server.
 * @param {Picture} picture
 */
export async function savePicture({ png, seed, final, ops }) {
  const name = `onestroke-${seed ?? 'picture'}.png`;
  if (final?.result) saveFrom(resultAddress(final.result), name);
  else if (png) saveBlob(await pngFile({ png, ops }), name);
}

/**
 * Four times as large.
 * @param {Picture & { png: string }} picture
 */
export async function saveLarge({ png, seed, ops }) {
  saveBlob(await largePng(png, ops), `onestroke-${seed ?? 'room'}-large.png`);
}

/**
 * All of them in one zip; without those that are no longer there.
 * @param {Picture[]} pictures
 */
export async function saveAll(pictures, name = 'onestroke.zip') {
  const files = [];
  for (const picture of pictures) {
    const blob = picture.png && !picture.final?.result ? await pngFile(/** @type {any} */ (picture)) : await pictureBlob(picture);
    if (!blob) continue;
    const ending = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }[blob.type] ?? 'png';
    const bytes = new Uint8Array(await blob.arrayBuffer());
    files.push({ name: picture.name ?? `onestroke-${picture.seed ?? 'picture'}.${ending}`, bytes });
  }
  saveBlob(zip(files), name);
}

/** @param {Blob} blob */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  saveFrom(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/**
 * @param {string} href  what to save
 * @param {string} download  under which name
 */
export function saveFrom(href, download) {
  const link = make('a', { href, download });
  document.body.append(link);
  link.click();
  link.remove();
}
