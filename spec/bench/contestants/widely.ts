/** Does something with each file, so many at once. */
export async function widely(
  files: readonly File[],
  atOnce: number,
  act: (file: File, index: number) => Promise<void>,
): Promise<void> {
  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [index, file] of queue) await act(file, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
