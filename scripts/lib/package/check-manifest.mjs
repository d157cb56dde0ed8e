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
export async function checkWithAttw({ entries }, tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!analysis.types) return ['no types are found'];
  const esmOnly = new Set(entries.filter(({ hasCjs }) => !hasCjs).map(({ path }) => path));
  return analysis.problems
    .filter(({ entrypoint, resolutionKind }) => {
      // `node10` knows no `exports`, so only the main entry can be had with it.
      if (resolutionKind === 'node10' && entrypoint !== '.') return false;
      // An entry for ESM alone is not to be had otherwise.
      return !(esmOnly.has(entrypoint) && resolutionKind === 'node16-cjs');
    })
    .map(({ kind, ...where }) => `${kind}: ${JSON.stringify(where)}`);
}
