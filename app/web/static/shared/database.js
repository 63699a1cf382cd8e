// The browser's own database: photos that are open, and the history. Whoever denies it (private windows, frames of other
// sites) makes every promise here fail, and the page works on without.
const DATABASE = 'onestroke';
const STORES = ['photos', 'entries'];

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, STORES.length); // each version brought one store
    asked.onupgradeneeded = () => {
      const missing = STORES.filter((name) => !asked.result.objectStoreNames.contains(name));
      for (const name of missing) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * @param {'photos' | 'entries'} name  of the store
 * @param {'readonly' | 'readwrite'} mode
 * @param {(store: IDBObjectStore) => IDBRequest} does
 * @returns {Promise<any>} the answer, once the transaction is complete
 */
export async function inDatabase(name, mode, does) {
  const db = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(name, mode);
      const asked = does(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error); // full, mostly
    });
  } finally { db.close(); }
}
