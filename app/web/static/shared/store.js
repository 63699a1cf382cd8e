// What a reload must not lose, in this tab's sessionStorage. A full store loses the oldest pictures of the history first,
// never the strokes.
const STORE = 'onestroke.';

export function readStore(key, otherwise) {
  try { return JSON.parse(sessionStorage.getItem(STORE + key)) ?? otherwise; } catch { return otherwise; }
}

export function writeStore(key, value) {
  const text = JSON.stringify(value);
  for (let tries = 0; tries < 60; tries++) {
    try { sessionStorage.setItem(STORE + key, text); return true; } catch { if (key.includes('.entry.') || !dropOldestEntry()) return false; }
  }
  return false;
}

export function dropStore(key) { try { sessionStorage.removeItem(STORE + key); } catch { /* storage is switched off */ } }

export function dropOldestEntry() {
  const entries = Object.keys(sessionStorage).filter((key) => key.includes('.entry.')).sort();
  if (!entries.length) return false;
  sessionStorage.removeItem(entries[0]);
  return true;
}
