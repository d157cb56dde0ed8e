/** Works on that number of items at once; results in the order of the items. */
export async function atMost(width, items, work) {
  const results = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [i, item] of queue) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
