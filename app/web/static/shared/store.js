// What a reload must not lose, in this tab's sessionStorage. A full store loses the oldest pictures of the history first,
// never the strokes. In a frame of another site the browser may deny the storage: then the page works until it is reloaded.
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
 * @param {any} otherwise  what to give where nothing is kept, or nothing that can be read
 */
export function readStore(key, otherwise) {
  return tryStorage((storage) => JSON.parse(storage.getItem(STORE + key)), null) ?? otherwise;
}

/**
 * @param {string} key
 * @param {any} value  anything that JSON can hold
 * @returns {boolean} whether it is kept: an entry of the history gives way to nothing, all else to the oldest entries
 */
export function writeStore(key, value) {
  const text = JSON.stringify(value);
  for (let tries = 0; tries < 60; tries++) {
    if (tryStorage((storage) => { storage.setItem(STORE + key, text); return true; }, false)) return true;
    if (key.includes('.entry.') || !dropOldestEntry()) return false;
  }
  return false;
}

/** @param {string} key */
export function dropStore(key) {
  tryStorage((storage) => storage.removeItem(STORE + key), undefined);
}

/** @returns {boolean} whether there was one, of any tab's history */
export function dropOldestEntry() {
  return tryStorage((storage) => {
    const [oldest] = Object.keys(storage).filter((key) => key.includes('.entry.')).sort();
    if (oldest) storage.removeItem(oldest);
    return Boolean(oldest);
  }, false);
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
