// What a reload must not lose, in this tab's sessionStorage, and what no later visit needs to hear again, in localStorage. In a frame of another site the browser may deny the storage: then
// the page works until it is reloaded.
const STORE = 'onestroke.';

/**
 * @template T
 * @param {(storage: Storage) => T} does
 * @param {T} otherwise  where the storage is denied or full
 */
function tryStorage(does, otherwise) {
  try { return does(sessionStorage); } catch { return otherwise; } // denied, the mere name throws
}

/**
 * @param {string} key
 * @returns {boolean} whether it was noted, by this visit or an earlier one
 */
export function noted(key) {
  try { return localStorage.getItem(STORE + key) !== null; } catch { return false; }
}

/** @param {string} key */
export function noteForGood(key) {
  try { localStorage.setItem(STORE + key, '1'); } catch { /* denied: said once more by the next page */ }
}

/**
 * @param {string} key
 * @param {any} otherwise  what to give where nothing is kept, or nothing that can be read
 */
export function readStore(key, otherwise) {
  return tryStorage((storage) => JSON.parse(storage.getItem(STORE + key)), null) ?? otherwise;
}

/**
 * @param {string} key
 * @param {any} value  anything that JSON can hold
 * @returns {boolean} whether it is kept
 */
export function writeStore(key, value) {
  const text = JSON.stringify(value);
  return tryStorage((storage) => { storage.setItem(STORE + key, text); return true; }, false);
}

const SAVE_MS = 250;

/**
 * Writes what is there now, a moment after the last change, or at once.
 * @param {string} key
 * @param {() => object} value
 */
export function createKeeper(key, value) {
  let timer = 0;
  function keepNow() {
    clearTimeout(timer);
    writeStore(key, value());
  }
  return { keepNow, keep() { clearTimeout(timer); timer = setTimeout(keepNow, SAVE_MS); } };
}
