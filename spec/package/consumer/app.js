// What a user's program does with the package once it is bundled: every entry is there, and an upload completes.
export function run(entries) {
  for (const [specifier, entry] of Object.entries(entries)) {
    if (Object.keys(entry).length === 0) throw new Error(`${specifier} exports nothing`);
  }
  const { createObsConnection, uploadFile$ } = entries['rx-obs-upload'];
  const { createFakeObs, fakeSource } = entries['rx-obs-upload/testing'];
  const { server, credentials, transport, bucket } = createFakeObs();
  const obs = createObsConnection({ server, credentials, transport });
  const sourceFile = fakeSource({ size: 250_000 });
  uploadFile$(obs, { bucket, key: 'a.bin', sourceFile, partSize: 102_400, taskNum: 2 }).subscribe((event) => {
    if (event.type === 'completed') console.log(`completed, verified by ${event.result.verified}`);
  });
}
