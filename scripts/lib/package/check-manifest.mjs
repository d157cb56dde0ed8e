import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** publint, at its strictest. */
export async function checkWithPublint({ library, manifest }) {
  const { messages } = await publint({ pkgDir: library, level: 'suggestion', strict: true, pack: false });
  return messages
    .filter(({ code, args }) => !(code === 'FIELD_INVALID_VALUE_TYPE' && args.fieldPath?.[0] === 'scripts'))
    .map((message) => formatMessage(message, manifest, { color: false }));
}

/** are-the-types-wrong: whether TypeScript and Node agree on what each entry is, however it is resolved. */
export async function checkWithAttw(tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!analysis.types) return ['no types are found'];
  return analysis.problems.map(({ kind, ...where }) => `${kind}: ${JSON.stringify(where)}`);
}
