// Photos that are open on the page, by key: the file itself, what the server knows it by, and a view of at most 1024 px.
// Files are kept in the browser's own database, so that a reload finds them again; the server may forget them any time.
import { inDatabase } from '../shared/database.js';
import { WORDS } from '../shared/words.js';
import { flat } from '../surface/operations.js';
import { FILE_MAX } from './photo.js';
/** @import { Operation } from '../surface/operations.js' */

const DAY_MS = 86400000;

/**
 * A photo that is open on the page.
 * @typedef {object} Photo
 * @property {string} key
 * @property {Blob} file
 * @property {string | null} id  what the server knows it by; null where it must be sent again
 * @property {HTMLImageElement} image  the view, decoded
 * @property {string} view  the view as a data URL
 * @property {number} width  of the whole photo, in pixels
 * @property {number} height
 * @property {boolean} grey
 * @property {string} name  of the file
 * @property {string} [note]  what the server tells of the file, when it is opened
 */

/** Keys begin with the time they were made at; what is older than a day belongs to nobody. */
export function forgetOldPhotos() {
  return inDatabase('photos', 'readwrite', (store) => store.delete(IDBKeyRange.upperBound(String(Date.now() - DAY_MS)))).catch(() => {});
}

/**
 * @param {string} src
 * @returns {Promise<HTMLImageElement>} ready to be drawn
 * @throws {Error} where it cannot be read
 */
export async function decoded(src) {
  const image = new Image();
  image.src = src;
  await image.decode();
  return image;
}

/** @typedef {ReturnType<typeof createPhotos>} Photos */

/**
 * @param {object} options
 * @param {any} options.server
 * @param {(file: Blob) => Promise<{ path: string }>} options.upload  Gradio's
 * @param {string} options.visitor  whose photos these are at the server
 */
export function createPhotos({ server, upload, visitor }) {
  /** @type {Map<string, Photo>} */
  const open = new Map();
  async function send(file, how = {}) {
    if (file.size > FILE_MAX) throw WORDS.tooBig;
    const sent = await upload(file).catch(() => null);
    if (!sent?.path) throw WORDS.notSent;
    const answer = await server.open_photo({ visitor, path: sent.path, ...how }).catch(() => null);
    if (!answer) throw WORDS.notSent;
    if (answer.error) throw { error: answer.error.replace(/\.$/, ''), hint: answer.hint ?? '' };
    return answer;
  }
  async function add(key, id, facts) {
    const photo = { key, id, image: await decoded(facts.view), ...facts };
    open.set(key, photo);
    return photo;
  }
  return {
    // The photo of a key that was opened or recalled.
    get: (key) => open.get(key),
    // how: { batch: true } for one of several, of which the server keeps the file alone.
    async open(file, how) {
      const answer = await send(file, how);
      const key = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
      const { width, height, view } = answer;
      const facts = { file, width, height, grey: Boolean(answer.grey), view, name: file.name ?? '' };
      const photo = await add(key, answer.photo, { ...facts, note: answer.note });
      inDatabase('photos', 'readwrite', (store) => store.put(facts, key)).catch(() => {}); // private windows may have none
      return photo;
    },
    // What the server knows the photo by; sent again where it forgot.
    async id(photo) {
      if (!photo.id) photo.id = (await send(photo.file)).photo;
      return photo.id;
    },
    async recall(key) {
      if (open.has(key)) return open.get(key);
      const facts = await inDatabase('photos', 'readonly', (store) => store.get(key));
      if (!facts) throw WORDS.photoGone;
      return add(key, null, facts);
    },
  };
}

/** @returns {string[]} the photos that the operations open */
export const keysOf = (ops) => flat(ops).filter((op) => op.tool === 'photo').map((op) => op.key);

/**
 * @param {{ ops?: Operation[] } | null | undefined} picture
 * @param {{ key: string } | null | undefined} photo  none in the tabs that have none
 * @returns {boolean} whether it was made of this photo
 */
export const isMadeOf = (picture, photo) => Boolean(picture) && keysOf(picture.ops ?? []).at(-1) === photo?.key;
