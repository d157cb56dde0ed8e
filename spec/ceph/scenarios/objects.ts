import { reportUpload, type Report } from '../support/report.js';
import { connect, fileOf, type World } from '../support/world.js';

/** Keys that URLs, XML and signatures treat in special ways. */
export const KEYS: readonly string[] = [
  'with a space.bin',
  'plus+plus.bin',
  '100%.bin',
  'not decoded %41%2F.bin',
  'reserved !*\'();:@&=+$,?#[]".bin',
  'unreserved -_.~.bin',
  'xml <&>.bin',
  'back\\slash `^|{}.bin',
  '中文/文件.bin',
  '📷/Zoë.bin',
  'e\u0301 is not é.bin',
  'a/deep/folder/x.bin',
  'two//slashes.bin',
  'trailing/',
  '/leading.bin',
];

/** The seed of the content that is stored under the n-th key. */
export const seedOf = { auto: (n: number): number => n + 1, always: (n: number): number => n + 101 } as const;
export const KEY_SIZE = 1000;

export function uploadKeysAsOnePut(world: World): Promise<readonly Report[]> {
  return uploadKeys(world, 'auto');
}

export function uploadKeysInParts(world: World): Promise<readonly Report[]> {
  return uploadKeys(world, 'always');
}

function uploadKeys(world: World, multipart: keyof typeof seedOf): Promise<readonly Report[]> {
  const obs = connect(world);
  return Promise.all(
    KEYS.map((key, n) => {
      const sourceFile = fileOf(KEY_SIZE, seedOf[multipart](n));
      return reportUpload(obs, { bucket: world.bucket, key, sourceFile, multipart });
    }),
  );
}

export const OBJECT = {
  contentType: 'video/mp4; codecs="avc1"',
  cacheControl: 'max-age=60',
  contentDisposition: 'attachment; filename="Zoë 中.mp4"',
  contentLanguage: 'de, zh',
  acl: 'public-read',
  tagging: { owner: 'Zoë & co', share: '50%' },
  metadata: { title: 'Zoë 中 📷', share: '50% + 1', plain: 'as it is' },
} as const;

/** Uploads once with one PUT and once in parts. */
export async function uploadWithOptions(world: World): Promise<readonly Report[]> {
  const obs = connect(world);
  const request = { bucket: world.bucket, sourceFile: fileOf(1000), ...OBJECT };
  return [
    await reportUpload(obs, { ...request, key: 'put.mp4' }),
    await reportUpload(obs, { ...request, key: 'parts.mp4', multipart: 'always' }),
  ];
}
