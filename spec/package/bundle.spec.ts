import { join } from 'node:path';
import { build } from 'esbuild';

const lib = join(__dirname, '..', '..', 'lib');

interface Bundle {
  /** The files of the library in the bundle. */
  readonly files: readonly string[];
  readonly code: string;
}

/** Bundles `export { names } from 'rx-obs-upload'`. */
async function bundleOf(names: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
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
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path.replace(/^.*?lib\//, '')),
  );
  return { files, code: outputFiles.map(({ text }) => text).join('') };
}

const upload = 'createObsConnection, uploadFile$';

describe('A bundle', () => {
  it('contains only the OBS signer for an upload', async () => {
    const { files, code } = await bundleOf(upload);
    expect(files).toEqual(expect.arrayContaining(['upload-file.ts', 'signing/v2.ts', 'protocol/xml.ts']));
    expect(files.filter((path) => /v4|s3|sha256/.test(path))).toEqual([]);
    expect(code).not.toContain('AWSAccessKeyId');
  });

  it('contains an S3 signer if it is imported', async () => {
    const { files } = await bundleOf(`${upload}, v4Signer`);
    expect(files).toEqual(expect.arrayContaining(['signing/v4.ts', 'ports/hash/hmac-sha256.ts']));
  });

  it('contains nothing for tests, for Node or of other entry points', async () => {
    const { files } = await bundleOf(upload);
    expect(
      files.filter((path) => /^(testing|fake-obs|server|node|compat|worker|angular|signing-server)\//.test(path)),
    ).toEqual([]);
  });

  it('contains no part of the upload if only something else is imported', async () => {
    expect((await bundleOf('idleSnapshot')).files).toEqual(['model/upload/snapshot.ts']);
  });
});
