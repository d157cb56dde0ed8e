import { declareSpecs, runSample, typeErrors } from './check-samples.js';
import { pages, readSamples } from './read-samples.js';
import { readerWorld } from './reader-world.js';

/** Translations have the samples of their originals: translations.spec.ts. */
const samples = pages()
  .filter((page) => !page.includes('zh-CN'))
  .flatMap(readSamples);
const load = (name: string): unknown => jest.requireActual(name);

it('every sample of the README and the guides compiles on its own; an error is reported with its page and line', () => {
  const code = "import { of } from 'rxjs';\nof(1);\nuploadNothing$(1);\n";
  const wrong = { page: 'docs/wrong.md', line: 10, kind: '', code } as const;
  expect(typeErrors([...samples, wrong])).toEqual(["docs/wrong.md:12: Cannot find name 'uploadNothing$'."]);
});

it('a sample that runs fails if its upload fails', async () => {
  const code =
    "import { uploadFile$ } from 'rx-obs-upload';\nuploadFile$(obs, { ...request, taskNum: 0 }).subscribe();";
  const wrong = { page: 'docs/wrong.md', line: 10, kind: 'run', code } as const;
  await expect(runSample(wrong, readerWorld(load))).rejects.toThrow('taskNum');
});

it.each([
  ['invalid options', { taskNum: 0 }, 'taskNum'],
  ['a missing bucket', { bucket: 'nowhere' }, 'NoSuchBucket'],
])('the self-resuming upload of the guide fails immediately on %s', async (_, wrong, message) => {
  const sample = samples.find(({ code }) => code.includes('function persistent$'));
  const world = readerWorld(load);
  const request = { ...(world.names.request as object), ...wrong };
  const run = runSample(sample as (typeof samples)[number], { ...world, names: { ...world.names, request } });
  await expect(run).rejects.toThrow(message);
});

for (const sample of samples) {
  const where = `${sample.page}:${sample.line}`;
  if (sample.kind === 'run') it(`${where} runs`, () => runSample(sample, readerWorld(load)));
  if (sample.kind === 'spec') describe(where, () => declareSpecs(sample, load));
}
