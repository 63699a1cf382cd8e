// What a reload must not lose, in this tab's sessionStorage. A full store loses the oldest pictures of the history first,
// never the strokes.
const STORE = 'onestroke.';

/**
 * @param {string} key
 * @param {any} otherwise  what to give where nothing is kept, or nothing that can be read
 */
export function readStore(key, otherwise) {
  try { return JSON.parse(sessionStorage.getItem(STORE + key)) ?? otherwise; } catch { return otherwise; }
}

/**
 * @param {string} key
 * @param {any} value  anything that JSON can hold
 * @returns {boolean} whether it is kept: an entry of the history gives way to nothing, all else to the oldest entries
 */
export function writeStore(key, value) {
  const text = JSON.stringify(value);
  for (let tries = 0; tries < 60; tries++) {
    try { sessionStorage.setItem(STORE + key, text); return true; } catch { if (key.includes('.entry.') || !dropOldestEntry()) return false; }
  }
  return false;
}

/** @param {string} key */
export function dropStore(key) {
  try { sessionStorage.removeItem(STORE + key); } catch { /* storage is switched off */ }
}

/** @returns {boolean} whether there was one, of any tab's history */
export function dropOldestEntry() {
  const entries = Object.keys(sessionStorage).filter((key) => key.includes('.entry.')).sort();
  if (!entries.length) return false;
  sessionStorage.removeItem(entries[0]);
  return true;
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
