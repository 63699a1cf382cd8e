// Photos that are open on the page, by key: the file itself, what the server knows it by, and a view of at most 1024 px.
// Files are kept in the browser's own database, so that a reload finds them again; the server may forget them any time.
import { WORDS } from '../shared/words.js';
import { flat } from '../surface/strokes.js';
import { FILE_MAX } from './photo.js';

export const photos = new Map();
const DATABASE = 'onestroke';

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('photos');
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
async function inDatabase(mode, does) {
  const db = await database();
  try {
    const store = db.transaction('photos', mode).objectStore('photos');
    return await new Promise((resolve, reject) => {
      const asked = does(store);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally { db.close(); }
}
// Keys begin with the time they were made at; what is older than a day belongs to nobody.
export function forgetOldPhotos() {
  return inDatabase('readwrite', (store) => store.delete(IDBKeyRange.upperBound(String(Date.now() - 86400000)))).catch(() => {});
}

export async function decoded(src) {
  const image = new Image();
  image.src = src;
  await image.decode();
  return image;
}

export function createPhotos({ server, upload, visitor }) {
  async function ask(file, how = {}) {
    if (file.size > FILE_MAX) throw WORDS.tooBig;
    const sent = await upload(file).catch(() => null);
    if (!sent?.path) throw WORDS.notSent;
    const answer = await server.open_photo({ visitor, path: sent.path, ...how }).catch(() => null);
    if (!answer) throw WORDS.notSent;
    if (answer.error) throw { error: answer.error.replace(/\.$/, ''), hint: answer.hint ?? '' };
    return answer;
  }
  return {
    // how: { batch: true } for one of several, of which the server keeps the file alone.
    async open(file, how) {
      const answer = await ask(file, how);
      const key = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
      const facts = { width: answer.width, height: answer.height, grey: Boolean(answer.grey), view: answer.view, name: file.name ?? '' };
      photos.set(key, { key, file, id: answer.photo, image: await decoded(answer.view), ...facts });
      inDatabase('readwrite', (store) => store.put({ file, ...facts }, key)).catch(() => {}); // private windows may have none
      return photos.get(key);
    },
    // What the server knows the photo by; sent again where it forgot.
    async id(photo) {
      if (!photo.id) photo.id = (await ask(photo.file)).photo;
      return photo.id;
    },
    async recall(key) {
      if (photos.has(key)) return photos.get(key);
      const facts = await inDatabase('readonly', (store) => store.get(key));
      if (!facts) throw WORDS.photoGone;
      photos.set(key, { key, id: null, image: await decoded(facts.view), ...facts });
      return photos.get(key);
    },
  };
}

export const keysOf = (ops) => flat(ops).filter((op) => op.tool === 'photo').map((op) => op.key);
