/** Records that the library has in a database of the page. Runs in the page, so all that it needs is in it. */
export function countRecords(databaseName: string): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(databaseName);
    opening.onsuccess = () => {
      const counting = opening.result.transaction('kept').objectStore('kept').count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  });
}
