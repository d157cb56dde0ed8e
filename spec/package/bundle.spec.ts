import { join } from 'node:path';
import { build } from 'esbuild';

const lib = join(__dirname, '..', '..', 'lib');

/** Which files of the library a page gets that says `export { names } from 'rx-obs-upload'`. */
async function filesFor(names: string): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: { contents: `export { ${names} } from './index.js';`, resolveDir: lib, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    packages: 'external',
    tsconfigRaw: {},
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path.replace(/^.*?lib\//, '')),
  );
}

const upload = 'createObsConnection, uploadFile$';

describe('What a bundler takes', () => {
  it('is the signer of OBS and no other, for who uploads a file', async () => {
    const files = await filesFor(upload);
    expect(files).toEqual(expect.arrayContaining(['upload-file.ts', 'signing/obs-signer.ts', 'protocol/xml.ts']));
    expect(files.filter((path) => path.includes('v4') || path.includes('v2') || path.includes('sha256'))).toEqual([]);
  });

  it('is a signer of S3 for who asks for it', async () => {
    const files = await filesFor(`${upload}, v4Signer`);
    expect(files).toEqual(expect.arrayContaining(['signing/v4-signer.ts', 'ports/hash/hmac-sha256.ts']));
  });

  it('is nothing that is for tests, for Node or for other entries', async () => {
    const files = await filesFor(upload);
    expect(files.filter((path) => /^(testing|fake-obs|server|node|compat|worker|angular)\//.test(path))).toEqual([]);
  });

  it('is no part of the upload for who asks for something else', async () => {
    expect(await filesFor('idleSnapshot')).toEqual(['model/snapshot.ts']);
  });
});
