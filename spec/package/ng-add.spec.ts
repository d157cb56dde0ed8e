import { join } from 'node:path';
import { parseConfigFileTextToJson } from 'typescript';

/** What the schematic uses of `Tree` and of the context of `@angular-devkit/schematics`. */
type Rule = (tree: object, context: { readonly logger: object }) => void;

interface NgAddOptions {
  readonly project?: string;
  readonly server: string;
  readonly signUrl: string;
  readonly bucket: string;
}

const { ngAdd } = jest.requireActual<{ readonly ngAdd: (options: NgAddOptions) => Rule }>(
  join(__dirname, '..', '..', 'schematics', 'ng-add', 'index.cjs'),
);
const OPTIONS: NgAddOptions = { server: 'https://obs.example.com', signUrl: '/api/sign', bucket: "it's" };
const CONFIG = 'src/app/app.config.ts';

/** A workspace with one application; `logged` has what the schematic logs. */
function workspace(config: string | null): {
  readonly files: Map<string, string>;
  readonly logged: string[];
  add(options?: Partial<NgAddOptions>): void;
} {
  const app = { projectType: 'application', root: '', sourceRoot: 'src', prefix: 'my', architect: { build: {} } };
  const files = new Map([['angular.json', JSON.stringify({ projects: { lib: { projectType: 'library' }, app } })]]);
  if (config !== null) files.set(CONFIG, config);
  const logged: string[] = [];
  const log = (text: string): void => void logged.push(text);
  const put = (path: string, text: string): void => void files.set(path, text);
  const tree = {
    exists: (path: string) => files.has(path),
    readText: (path: string) => files.get(path),
    readJson: (path: string) => parseConfigFileTextToJson(path, files.get(path) ?? '').config as unknown,
    overwrite: put,
    create: put,
  };
  const add = (options = {}): void => ngAdd({ ...OPTIONS, ...options })(tree, { logger: { info: log, warn: log } });
  return { files, logged, add };
}

describe('ng add', () => {
  it('adds the connection, the CommonJS setting and the component', () => {
    const { files, add } = workspace('export const appConfig = { providers: [] };\n');
    add();
    const config = files.get(CONFIG);
    expect(config).toContain("server: 'https://obs.example.com', presign: injectPresign('/api/sign')");
    expect(config).toContain("import { provideHttpClient } from '@angular/common/http';");
    expect(files.get('angular.json')).toMatch(
      /"allowedCommonJsDependencies": \[\s*"crypto-js",\s*"fast-xml-parser"\s*\]/,
    );
    expect(files.get('src/app/uploads/uploads.ts')).toContain("selector: 'my-uploads'");
    expect(files.get('src/app/uploads/uploads.ts')).toContain(String.raw`bucket: 'it\'s'`);
    expect([...files.keys()]).toContain('src/app/uploads/uploads.spec.ts');
  });

  it('does not change existing code: a second run changes nothing', () => {
    const { files, add } = workspace('export const appConfig = { providers: [provideHttpClient(withFetch())] };\n');
    add();
    expect(files.get(CONFIG)?.match(/provideHttpClient\(/g)).toHaveLength(1);
    const before = new Map(files);
    add({ bucket: 'other' });
    expect(files).toEqual(before);
  });

  it.each([null, 'export class AppModule {}\n'])('prints what to add when no providers are found: %j', (config) => {
    const { files, logged, add } = workspace(config);
    add();
    expect(logged.join()).toContain('provideObsConnection(');
    expect(files.get(CONFIG) ?? null).toBe(config);
  });

  it('leaves the comments of angular.json alone, and prints what to add to it', () => {
    const { files, logged, add } = workspace('export const appConfig = { providers: [] };\n');
    const commented = `// ours\n${files.get('angular.json') ?? ''}`;
    files.set('angular.json', commented);
    add();
    expect(files.get('angular.json')).toBe(commented);
    expect(logged.join()).toContain('"allowedCommonJsDependencies":["crypto-js","fast-xml-parser"]');
    expect([...files.keys()]).toContain('src/app/uploads/uploads.ts');
  });

  it('mentions the option to use when an application does not exist', () => {
    expect(() => workspace('').add({ project: 'other' })).toThrow('no application other: name one with --project');
  });
});
