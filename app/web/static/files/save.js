// Pictures to the person's own disk.
import { ownAddress } from '../shared/address.js';
import { make } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';
import { largePng } from './large.js';
import { pngFile } from './strokespng.js';
import { zip } from './zip.js';
/** @import { Operation } from '../surface/operations.js' */

/** @param {string} id  of a result that the server keeps for half an hour */
const resultAddress = (id) => ownAddress(`picture/${encodeURIComponent(id)}`);

/**
 * A picture that a result, the history or a grid shows.
 * @typedef {object} Picture
 * @property {string} [src]  the preview, a data URL
 * @property {string} [png]  lossless, at the model's own size, its settings inside; a data URL
 * @property {{ result: string, name: string }} [final]  the whole photo at the server
 * @property {Blob} [file]  of a photo that nothing was made of: the person's own
 * @property {number} [seed]
 * @property {Operation[]} [ops]  that it was made of
 * @property {string} [name]  for its file
 */

/**
 * @param {Picture | null} picture
 * @returns {boolean} whether it is finished: it can be downloaded. Of what is under way there is a preview alone.
 */
export const isFinished = (picture) => Boolean(picture?.final?.result || picture?.png);

/**
 * @param {Picture} picture
 * @returns {Promise<{ blob: Blob, preview: boolean } | null>} the best there is of it: the whole photo, else the lossless picture,
 *   else its preview in place of a photo that can no longer be had
 */
export async function bestFile({ src, png, final, file }) {
  if (file) return { blob: file, preview: false };
  for (const address of [final?.result ? resultAddress(final.result) : null, png, src]) {
    if (!address) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return { blob: await answer.blob(), preview: address === src && Boolean(final) };
  }
  return null;
}

/**
 * The whole photo, else the lossless picture: no file of the latter is on the server. A small photo is here as well.
 * @param {Picture | null} picture
 * @throws {{ error: string, hint: string }} where there is no file, or none that can be had
 */
export async function savePicture(picture) {
  if (!picture || !isFinished(picture)) throw WORDS.notFinished;
  const { png, seed, final, ops } = picture;
  const name = `onestroke-${seed ?? 'picture'}.png`;
  const kept = async () => { if (png) saveBlob(await pngFile({ png, ops }), name); };
  if (!final?.result) { await kept(); return; }
  try { saveBlob(await resultFile(final.result), final.name ?? name); } catch (problem) {
    if (!png) throw problem;
    await kept();
  }
}

// A large photo takes seconds to be written: whoever asks knows when it is here.
async function resultFile(id) {
  const answer = await fetch(resultAddress(id), { cache: 'no-store' }).catch(() => null);
  if (answer && !answer.ok) throw WORDS.resultGone;
  const file = await answer?.blob().catch(() => null);
  if (!file) throw WORDS.notFetched;
  return file;
}

/**
 * A zip file of any size. The browser itself says nothing of a file that it cannot get, so this asks first.
 * @param {string} id  of a result at the server
 * @param {string} name  for its file
 * @throws {{ error: string, hint: string }} where the server does not answer, or no longer has it
 */
export async function saveResult(id, name) {
  const address = resultAddress(id);
  const answer = await fetch(address, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  if (!answer) throw WORDS.notFetched;
  if (!answer.ok) throw WORDS.resultGone;
  saveFrom(address, name);
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
 * @returns {Promise<number>} how many of them are previews, which their names say
 */
export async function saveAll(pictures, name = 'onestroke.zip') {
  const files = [];
  let previews = 0;
  for (const picture of pictures) {
    const small = picture.png && !picture.final?.result;
    const best = small ? { blob: await pngFile(/** @type {any} */ (picture)), preview: false } : await bestFile(picture);
    if (!best) continue;
    const ending = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }[best.blob.type] ?? 'png';
    const bytes = new Uint8Array(await best.blob.arrayBuffer());
    previews += best.preview ? 1 : 0;
    files.push({ name: picture.name ?? `onestroke-${picture.seed ?? 'picture'}${best.preview ? '-preview' : ''}.${ending}`, bytes });
  }
  saveBlob(zip(files), name);
  return previews;
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
