/**
 * Counts the library's records in a database of the page, 0 if there is no such database. Runs in the page, so it must
 * be self-contained.
 */
export function countRecords(databaseName: string): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(databaseName);
    // A database created here would lack the library's object stores.
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onerror = () => resolve(0);
    opening.onsuccess = () => {
      const counting = opening.result.transaction('kept').objectStore('kept').count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  });
}
