// `ng add rx-obs-upload`. Without `@angular-devkit`: the package would have to depend on a version of it.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const COMMON_JS = ['crypto-js', 'fast-xml-parser'];
const COMPONENT = ['uploads.ts', 'uploads.spec.ts'];

/** A rule of `@angular-devkit/schematics`. */
exports.ngAdd = function ngAdd({ project: name, server, signUrl, bucket }) {
  return (tree, { logger }) => {
    const project = allowCommonJs(tree, logger, name);
    const folder = [project.sourceRoot ?? `${project.root}/src`, 'app'].join('/');
    addConnection(tree, logger, `${folder}/app.config.ts`, server, signUrl);
    for (const file of COMPONENT)
      addFile(tree, logger, `${folder}/uploads/${file}`, file, { bucket, prefix: project.prefix });
    logger.info("Show the component: add Uploads of './uploads/uploads' to the imports of yours.");
  };
};

/** Ends the warnings of `ng build` about the two dependencies that exist as CommonJS alone. @returns the project */
function allowCommonJs(tree, logger, name) {
  // With comments, as the CLI reads it.
  const workspace = tree.readJson('angular.json');
  const [, project] =
    Object.entries(workspace.projects).find(([key, { projectType }]) =>
      name === undefined ? projectType === 'application' : key === name,
    ) ?? [];
  if (project === undefined) throw new Error(`angular.json has no application ${name ?? ''}: name one with --project.`);
  const build = (project.architect ?? project.targets)?.build;
  const before = build?.options?.allowedCommonJsDependencies ?? [];
  const added = COMMON_JS.filter((name) => !before.includes(name));
  if (build === undefined || added.length === 0) return project;
  const allowedCommonJsDependencies = [...before, ...added];
  if (isJson(tree.readText('angular.json'))) {
    build.options = { ...build.options, allowedCommonJsDependencies };
    tree.overwrite('angular.json', `${JSON.stringify(workspace, null, 2)}\n`);
  } else {
    const option = JSON.stringify({ allowedCommonJsDependencies }).slice(1, -1);
    logger.warn(`angular.json has comments, which would be lost. Add this to the options of its "build": ${option}`);
  }
  return project;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function addConnection(tree, logger, path, server, signUrl) {
  const text = tree.exists(path) ? tree.readText(path) : '';
  if (text.includes('provideObsConnection')) return;
  const providers = /\bproviders:\s*\[/.exec(text);
  const added = [
    ...(text.includes('provideHttpClient') ? [] : ['provideHttpClient()']),
    `provideObsConnection(() => ({ server: ${quoted(server)}, presign: injectPresign(${quoted(signUrl)}) }))`,
  ];
  if (providers === null) {
    logger.warn(`No providers are found in ${path}. Add these to your application:\n  ${added.join(',\n  ')}`);
    return;
  }
  const imports = [
    ...(added.length === 2 ? ["import { provideHttpClient } from '@angular/common/http';"] : []),
    "import { injectPresign, provideObsConnection } from 'rx-obs-upload/angular';",
  ];
  const end = providers.index + providers[0].length;
  const lines = added.map((provider) => `\n    ${provider},`).join('');
  const rest = text.slice(end);
  const gap = /^\s*\]/.test(rest) ? '\n  ' : '';
  tree.overwrite(path, `${imports.join('\n')}\n${text.slice(0, end)}${lines}${gap}${rest}`);
}

/** What is there already is the application's own. */
function addFile(tree, logger, path, file, { bucket, prefix }) {
  if (tree.exists(path)) return logger.info(`${path} is there already.`);
  const text = readFileSync(join(__dirname, 'files', file), 'utf8');
  const own = text
    .replaceAll("'app-uploads'", quoted(`${prefix || 'app'}-uploads`))
    .replaceAll("'media'", quoted(bucket));
  tree.create(path, own);
}

function quoted(text) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
