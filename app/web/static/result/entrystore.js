// Where the history of a tab is kept: the entries of this visit, which ends with the browser's tab, and the favourites of all
// visits. What another visit left is kept for a day, in case that its tab is opened again.
import { inDatabase } from '../shared/database.js';
import { readStore, writeStore } from '../shared/store.js';
/** @import { Entry } from './entries.js' */

const LEFT_BEHIND_MS = 86400000;

/** @typedef {{ load: () => Promise<Entry[]>, put: (entry: Entry) => Promise<void>, drop: (entry: Entry) => Promise<void> }} EntryStore */

/**
 * @param {string} task  whose history it is
 * @returns {EntryStore} whose promises fail where the browser keeps nothing, or has no more room
 */
export function createEntryStore(task) {
  const visit = visitName();
  const keyOf = ({ id }) => `${task}.${id}`;
  // One after the other: what is put and dropped in one breath is gone.
  let last = Promise.resolve();
  const inTurn = (does) => {
    const mine = last.then(() => inDatabase('entries', 'readwrite', does));
    last = mine.catch(() => {});
    return mine;
  };
  return {
    async load() {
      if (!visit.kept) throw new Error('the next page would not know its visit');
      const all = await inDatabase('entries', 'readonly', (store) => store.getAll(IDBKeyRange.bound(`${task}.`, `${task}.~`)));
      const mine = (entry) => entry.favourite || entry.visit === visit.name;
      const old = (entry) => !mine(entry) && Number.parseInt(entry.id, 10) < Date.now() - LEFT_BEHIND_MS;
      for (const entry of all.filter(old)) inTurn((store) => store.delete(keyOf(entry))).catch(() => {});
      return all.filter(mine);
    },
    put: (entry) => inTurn((store) => store.put({ ...entry, visit: visit.name }, keyOf(entry))),
    drop: (entry) => inTurn((store) => store.delete(keyOf(entry))),
  };
}

function visitName() {
  const known = readStore('visit', null);
  const name = known ?? Math.random().toString(36).slice(2);
  return { name, kept: Boolean(known) || writeStore('visit', name) };
}
