// The history's entries, newest first, in the tab's storage as far as they fit.
import { dropOldestEntry, dropStore, readStore, writeStore } from '../shared/store.js';
/** @import { Operation } from '../surface/operations.js' */

const HISTORY_MAX = 50;
const LARGE = 300000;      // characters of a picture that the tab's storage is too small for

/**
 * @typedef {object} Entry
 * @property {string} id  begins with the time it was made at
 * @property {string} src
 * @property {string} [png]
 * @property {{ result: string, name: string }} [final]
 * @property {number} seed
 * @property {Operation[]} ops  what it was made of
 * @property {Record<string, any>} settings
 */

/** @param {string} task  whose history it is */
export function createEntries(task) {
  const key = (id) => `${task}.entry.${id}`;
  /** @type {Entry[]} */
  let entries = readStore(`${task}.entries`, []).map((id) => readStore(key(id), null)).filter(Boolean);
  function keepList() { writeStore(`${task}.entries`, entries.map(({ id }) => id)); }

  function freeId() {
    let id = String(Date.now()).padStart(15, '0');
    while (entries.some((entry) => entry.id === id)) id += '+';
    return id;
  }
  return {
    get all() { return entries; },
    // The entry of a picture, a new one where it has none.
    add({ src, png, final, seed, ops, settings }) {
      const known = entries.find((entry) => entry.src === src);
      if (known) return known;
      const entry = { id: freeId(), src, png, final, seed, ops: structuredClone(ops), settings: { ...settings, seed } };
      entries.unshift(entry);
      for (const gone of entries.splice(HISTORY_MAX)) dropStore(key(gone.id));
      const kept = { ...entry, png: png?.length > LARGE ? undefined : png };
      while (!writeStore(key(entry.id), kept) && dropOldestEntry());
      keepList();
      return entry;
    },
    // The entry that comes into its place; none where it was the last.
    remove(entry) {
      const at = entries.indexOf(entry);
      entries = entries.filter((other) => other !== entry);
      dropStore(key(entry.id));
      keepList();
      return entries[Math.min(at, entries.length - 1)] ?? null;
    },
  };
}
