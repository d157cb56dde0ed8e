/**
 * Records that the library has in a database of the page; none, where there is no such database. Runs in the page, so
 * all that it needs is in it.
 */
export function countRecords(databaseName: string): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(databaseName);
    // Created here, it would lack what the library creates in it.
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
