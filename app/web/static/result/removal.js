// Entries that were removed from the history, to be put back one by one.
/** @import { Entry } from './entries.js' */

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./entries.js').createEntries>} options.entries
 * @param {(entry: Entry | null) => void} options.show  the entry to be chosen now
 */
export function createRemoval({ entries, show }) {
  /** @type {Entry[]} */
  let removed = [];
  let fresh = false;
  return {
    get count() { return removed.length; },
    // Whether a removal is the last thing that was done, so that Ctrl+Z means it.
    get fresh() { return fresh && removed.length > 0; },
    settle() { fresh = false; },
    remove(entry) {
      removed = [...removed, entry];
      fresh = true;
      show(entries.remove(entry));
    },
    undo() {
      const [entry] = removed.slice(-1);
      if (!entry) return;
      removed = removed.slice(0, -1);
      entries.putBack(entry);
      show(entry);
    },
  };
}
