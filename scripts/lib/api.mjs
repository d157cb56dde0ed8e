import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { inProject } from './project.mjs';

const REPORTS = inProject('etc');

const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'DOM.Iterable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: ['node'],
  strict: true,
};

const MESSAGES = {
  // Among them `ae-forgotten-export`: it takes what another entry exports for forgotten.
  extractorMessageReporting: { default: { logLevel: 'none' } },
  tsdocMessageReporting: { default: { logLevel: 'warning' } },
};

/**
 * Compares what each entry offers with its report in `etc/`, or writes the reports.
 * @returns what is wrong, and which reports were written
 */
export function checkApi({ write }) {
  for (const folder of [REPORTS, inProject('build', 'api')]) mkdirSync(folder, { recursive: true });
  const { name, exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const configs = Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => config(`${name}${path.slice(1).replace('/', '-')}`, (target.import ?? target).types));
  const others = configs.slice(1).map(({ mainEntryPointFilePath }) => mainEntryPointFilePath);
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: others });
  const results = configs.map((prepared) => report(prepared, compilerState, write));
  const known = configs.map(({ reportFilePath }) => basename(reportFilePath));
  const stale = readdirSync(REPORTS).filter((file) => !known.includes(file));
  if (write) for (const file of stale) rmSync(join(REPORTS, file));
  return {
    problems: [
      ...results.flatMap(({ problems }) => problems),
      ...(write ? [] : stale.map((file) => `etc/${file} is of no entry: run npm run api.`)),
    ],
    written: results.flatMap(({ written }) => written),
  };
}

const config = (name, types) =>
  ExtractorConfig.prepare({
    configObjectFullPath: inProject('api-extractor.json'),
    packageJsonFullPath: inProject('package.json'),
    configObject: {
      projectFolder: inProject(),
      mainEntryPointFilePath: inProject(types),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS } },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: REPORTS,
        reportTempFolder: inProject('build', 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: MESSAGES,
    },
  });

function report(prepared, compilerState, write) {
  const problems = [];
  const { apiReportChanged } = Extractor.invoke(prepared, {
    compilerState,
    localBuild: write,
    messageCallback(message) {
      const { category, logLevel, text, sourceFilePath, sourceFileLine } = message;
      message.handled = true;
      if (category === 'console' || logLevel === 'none') return;
      problems.push(`${text} (${relative(inProject(), sourceFilePath ?? '')}:${sourceFileLine})`);
    },
  });
  const file = relative(inProject(), prepared.reportFilePath);
  if (apiReportChanged && !write) problems.push(`The API is not that of ${file}: run npm run api, look at the change.`);
  return { problems, written: apiReportChanged && write ? [file] : [] };
}
