// The history's entries, newest first. Favourites are never pushed out by newer ones.
/** @import { Operation } from '../surface/operations.js' */
/** @import { EntryStore } from './entrystore.js' */

const HISTORY_MAX = 50; // besides the favourites

/**
 * @typedef {object} Entry
 * @property {string} id  the time it was made at, in milliseconds, or a little later
 * @property {string} src
 * @property {string} [png]
 * @property {{ result: string, name: string }} [final]
 * @property {any[]} [pictures]  of a grid or a way, where it is more than one
 * @property {string} [film]  data URL of an animation
 * @property {number} seed
 * @property {Operation[]} ops  what it was made of
 * @property {Record<string, any>} settings
 * @property {boolean} [favourite]
 */

/**
 * @param {EntryStore} store
 * @param {() => void} [lost]  called where an entry could not be kept: it is there until the page is reloaded
 */
export function createEntries(store, lost = () => {}) {
  /** @type {Entry[]} */
  let entries = [];
  const newestFirst = () => { entries.sort((a, b) => (a.id < b.id ? 1 : -1)); };
  const keep = (entry) => { store.put(entry).catch(lost); };
  const drop = (entry) => { store.drop(entry).catch(() => {}); }; // where nothing is kept there is nothing to drop

  let newest = 0;
  function newId() {
    newest = Math.max(newest + 1, Date.now());
    return String(newest).padStart(15, '0');
  }
  function pushOut() {
    for (const gone of entries.filter((entry) => !entry.favourite).slice(HISTORY_MAX)) {
      entries = entries.filter((entry) => entry !== gone);
      drop(gone);
    }
  }
  const same = (picture) => (entry) => entry.src === picture.src && Boolean(entry.pictures) === Boolean(picture.pictures);
  return {
    get all() { return entries; },
    // Once those of before a reload are here.
    ready: store.load().then((kept) => {
      entries = [...entries, ...kept];
      newestFirst();
      newest = Math.max(newest, Number(entries[0]?.id ?? 0));
    }, lost),
    // The entry of a picture, a new one where it has none.
    add(picture) {
      const known = entries.find(same(picture));
      if (known) return known;
      const { src, png, final, pictures, film, seed, ops, settings } = picture;
      const entry = { id: newId(), src, png, final, pictures, film, seed, ops: structuredClone(ops), settings: { ...settings, seed } };
      entries.unshift(entry);
      keep(entry);
      pushOut();
      return entry;
    },
    // The entry that comes into its place; none where it was the last.
    remove(entry) {
      const at = entries.indexOf(entry);
      entries = entries.filter((other) => other !== entry);
      drop(entry);
      return entries[Math.min(at, entries.length - 1)] ?? null;
    },
    // Back to its place, unless the same picture was made again meanwhile.
    putBack(entry) {
      if (entries.some(same(entry))) return;
      entries.push(entry);
      newestFirst();
      keep(entry);
    },
    setFavourite(entry, on) {
      entry.favourite = on;
      keep(entry);
      pushOut();
    },
  };
}
