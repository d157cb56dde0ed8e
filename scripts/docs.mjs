// npm run docs: the site, build/docs: the guides as they stand in the repository, and the reference of every entry.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { buildPage } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint, inProject, root } from './lib/project.mjs';
import { categorize, categoryOrder, gapsIn } from './lib/reference.mjs';

const USAGE = 'Usage: npm run docs';

/** Groups of pages in the order in which a reader wants them; what is in `docs` and not named here is a guide too. */
const GROUPS = {
  Guides: [
    'docs/guides/getting-started.md',
    'docs/guides/bucket-cors.md',
    'docs/guides/signing.md',
    'docs/guides/signing-backend.md',
    'docs/guides/sts.md',
    'docs/guides/resume.md',
    'docs/guides/errors.md',
    'docs/guides/troubleshooting.md',
    'docs/guides/queue.md',
    'docs/guides/frameworks.md',
    'docs/guides/cdn.md',
    'docs/guides/many-files.md',
    'docs/guides/recordings-and-streams.md',
    'docs/guides/checks-and-conditions.md',
    'docs/guides/worker.md',
    'docs/guides/after-upload.md',
    'docs/guides/requests.md',
    'docs/guides/server.md',
    'docs/angular.md',
    'docs/ngrx.md',
    'docs/testing.md',
    'docs/stores.md',
    'docs/engines.md',
    'docs/supported.md',
    'docs/migrating-from-esdk-obs-browserjs.md',
  ],
  中文: [
    'README.zh-CN.md',
    'docs/zh-CN/getting-started.md',
    'docs/zh-CN/bucket-cors.md',
    'docs/zh-CN/signing.md',
    'docs/zh-CN/sts.md',
    'docs/zh-CN/resume.md',
    'docs/zh-CN/troubleshooting.md',
    'docs/zh-CN/angular.md',
    'docs/zh-CN/migrating-from-esdk-obs-browserjs.md',
  ],
  Background: [
    'docs/reliability.md',
    'docs/performance.md',
    'docs/task-num.md',
    'docs/size.md',
    'docs/guides/architecture.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
  ],
  Examples: readdirSync(inProject('examples'))
    .map((name) => `examples/${name}/README.md`)
    .filter(isThere),
  Decisions: find('docs/decisions'),
};

/** What people type who look for a page. */
const KEYWORDS = {
  'docs/guides/bucket-cors.md': 'CORS localhost origin preflight ETag hidden expose headers',
  'docs/guides/troubleshooting.md': 'CORS 403 status 0 progress stays at 0 ETag hidden clock redirect network failed',
  'docs/guides/errors.md': '403 error code retryable',
  'docs/guides/sts.md': 'STS temporary credentials refresh expired security token IAM',
  'docs/guides/signing.md': 'presigned URL sign refresh credentials STS secret key',
  'docs/guides/signing-backend.md': 'presigned URL sign backend',
  'docs/guides/after-upload.md': 'presigned URL download show signed',
  'docs/guides/resume.md': 'resume after reload pause checkpoint crash',
  'docs/guides/queue.md': 'pause many files buttons',
  'docs/angular.md': 'Angular HttpClient signals zone',
  'docs/guides/getting-started.md': 'install first upload fetch Angular localhost',
  'docs/zh-CN/bucket-cors.md': '跨域 CORS',
  'docs/zh-CN/troubleshooting.md': '跨域 403 进度 ETag 报错',
  'docs/zh-CN/sts.md': 'STS 临时访问密钥 过期',
  'docs/zh-CN/resume.md': '断点续传 暂停 刷新',
};

/** TypeDoc takes titles and groups from the head of a page; so that the pages need none, it gets copies. */
const COPIES = inProject('build', 'docs-pages');

/** A page of its own, without TypeDoc's frame. */
const PLAYGROUND = 'playground/index.html';

/** npm shows the README without the files beside it, so its links are absolute. */
const OWN_FILE =
  /https:\/\/(?:github\.com\/rx-obs-upload\/rx-obs-upload\/(?:blob|tree)|raw\.githubusercontent\.com\/rx-obs-upload\/rx-obs-upload)\/main\//g;

/** Code stays as it is, also where it looks like a link. */
const CODE_OR_LINK = /^```[^]*?^```$|`[^`\n]*`|(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]+)?\)/gm;

await command(async (args) => {
  const options = readOptions(args, {}, USAGE);
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  await ensureInstalled();
  const pages = groupedPages();
  copyPages(pages);
  await buildPage();
  await build([...pages.keys()]);
  cpSync(inProject('build', 'playground'), inProject('build', 'docs', 'playground'), { recursive: true });
  process.stdout.write('build/docs/index.html\n');
});

async function build(pages) {
  // Loaded late: on a fresh clone it is installed only after this module was.
  const typedoc = await import('typedoc');
  const { Application, JSX, TSConfigReader, TypeDocReader } = typedoc;
  const entries = entryPoints();
  const app = await Application.bootstrap(
    {
      options: inProject('typedoc.json'),
      entryPoints: [...entries.keys()],
      readme: join(COPIES, 'README.md'),
      projectDocuments: pages.map((page) => join(COPIES, page)),
      categoryOrder: [...categoryOrder, '*'],
    },
    [new TypeDocReader(), new TSConfigReader()],
  );
  app.converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? []) module.name = entries.get(`lib/${withIndex(module.name)}`);
    categorize(project, typedoc);
  });
  const link = ({ relativeURL }, text) =>
    JSX.createElement('a', { href: relativeURL(PLAYGROUND), class: 'to-playground' }, text);
  app.renderer.hooks.on('sidebar.begin', (context) => link(context, 'Playground'));
  app.renderer.hooks.on('content.begin', (context) =>
    context.page.url === 'index.html' ? link(context, 'Try an upload in this browser, without any server') : null,
  );
  await makeSearchable(app, typedoc);
  const project = await app.convert();
  if (project !== undefined) {
    app.validate(project);
    for (const gap of gapsIn(project, typedoc)) app.logger.error(gap);
    await app.generateOutputs(project);
  }
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Complaint('The documentation is not in order.');
}

/** Titles rarely have the words of a newcomer's question, and TypeDoc's index drops words that are not ASCII. */
async function makeSearchable(app, { IndexEvent }) {
  const { default: lunr } = await import('lunr');
  lunr.trimmer = (token) => token.update((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''));
  lunr.Pipeline.registerFunction(lunr.trimmer, 'trimmer of all scripts');
  const keywords = new Map(Object.entries(KEYWORDS).map(([page, words]) => [JSON.parse(titleOf(page)), words]));
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    event.searchFieldWeights.keywords = 200;
    event.searchResults.forEach((reflection, i) => {
      const words = reflection.isDocument() ? keywords.get(reflection.name) : undefined;
      if (words !== undefined) event.searchFields[i] = { ...event.searchFields[i], keywords: words };
    });
  });
}

/** The source of each entry of package.json, and how it is imported. */
function entryPoints() {
  const { name, exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const folders = Object.keys(exports).filter((path) => !path.endsWith('.json'));
  return new Map(folders.map((path) => [posix.join('lib', path, 'index.ts'), posix.join(name, path)]));
}

/** TypeDoc names the module of `lib/compat/index.ts` compat, and that of `lib/index.ts` index. */
function withIndex(moduleName) {
  return moduleName === 'index' ? 'index.ts' : `${moduleName}/index.ts`;
}

/** Each page that is there, and its group. */
function groupedPages() {
  const pages = new Map();
  for (const [group, names] of Object.entries(GROUPS)) {
    const further = group === 'Guides' ? find('docs').filter((path) => path.endsWith('.md') && !isNamed(path)) : [];
    for (const page of [...names.filter(isThere), ...further]) pages.set(page, group);
  }
  return pages;
}

function isNamed(page) {
  return Object.values(GROUPS).some((names) => names.includes(page));
}

function copyPages(pages) {
  rmSync(COPIES, { recursive: true, force: true });
  copy('README.md', asRead('README.md', pages));
  for (const [page, group] of pages)
    copy(page, `---\ntitle: ${titleOf(page)}\ngroup: ${group}\n---\n${asRead(page, pages)}`);
  for (const image of find('docs/images')) cpSync(inProject(image), join(COPIES, image));
}

function copy(page, text) {
  mkdirSync(dirname(join(COPIES, page)), { recursive: true });
  writeFileSync(join(COPIES, page), text);
}

function titleOf(page) {
  return JSON.stringify(/^# (.+)$/m.exec(read(page))[1].replaceAll('`', ''));
}

/** Without links to what is not on the site. The README goes without its heading: the site has it already. */
function asRead(page, pages) {
  const text = readmeOrPage(page);
  return text.replace(CODE_OR_LINK, (found, shown, path, anchor = '') => {
    if (path === undefined || /^[a-z]+:/i.test(path)) return found;
    const target = posix.join(dirname(page), path);
    const onSite = [target, posix.join(target, 'README.md')].find((file) => file === 'README.md' || pages.has(file));
    return onSite === undefined ? shown : `[${shown}](${posix.relative(dirname(page), onSite)}${anchor})`;
  });
}

function readmeOrPage(page) {
  if (!page.startsWith('README')) return read(page);
  const text = read(page).replace(OWN_FILE, '');
  return page === 'README.md' ? text.replace(/^# .+\n/, '') : text;
}

function read(page) {
  return readFileSync(inProject(page), 'utf8');
}

function isThere(page) {
  return existsSync(inProject(page));
}

/** Files of a folder and of those in it, by their paths from the project's folder. */
function find(folder) {
  return readdirSync(inProject(folder), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(root, join(file.parentPath, file.name)).replaceAll('\\', '/'))
    .sort();
}
