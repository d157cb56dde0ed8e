/** Processes each file, `atOnce` of them concurrently. */
export async function atMost(
  files: readonly File[],
  atOnce: number,
  action: (file: File, index: number) => Promise<void>,
): Promise<void> {
  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [index, file] of queue) await action(file, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
