/** The layers of lib/: who may import whom. Paths are regular expressions over the importing and the imported file. */
const pure = ['model', 'validation', 'protocol', 'ports/hash'];
const entries = ['compat', 'testing', 'server', 'node', 'worker', 'angular', 'signing-server'];
const runtime = { dependencyTypesNot: ['type-only'] };

const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^lib/${from}/` },
  to: {
    path: '^lib/',
    pathNot: ['^lib/(time|utf8)\\.ts$', ...[from, ...allowed].map((layer) => `^lib/${layer}(?:/|\\.ts$)`)],
    ...runtime,
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^lib/', pathNot: ['/index\\.ts$', '\\.cjs\\.ts$'] },
      to: {},
    },
    only('model-is-a-leaf', 'model', []),
    only('protocol', 'protocol', ['model', 'ports/hash']),
    only('signing', 'signing', ['model', 'validation', 'protocol', 'ports/hash', 'ports/from-port']),
    only('validation', 'validation', ['model', 'protocol']),
    only('hash', 'ports/hash', ['model', 'ports/read-blob']),
    only('transport', 'ports/transport', ['model', 'ports/read-blob']),
    only('source', 'ports/source', ['model', 'validation', 'ports/read-blob', 'ports/from-port']),
    only('checkpoint-store', 'ports/checkpoint-store', ['model', 'validation']),
    only('spool', 'ports/spool', ['model', 'validation', 'ports/checkpoint-store']),
    only('lock', 'ports/lock', ['model', 'validation']),
    only('connection', 'connection', [
      'model',
      'validation',
      'protocol',
      'signing',
      'ports/transport',
      'ports/from-port',
    ]),
    only('engine', 'engine', [
      'model',
      'validation',
      'protocol',
      'signing',
      'connection',
      'ports/hash',
      'ports/first-value',
      'ports/from-port',
      'ports/watch',
    ]),
    only('operators', 'operators', ['model', 'engine']),
    only('queue', 'queue', [
      'model',
      'validation',
      'connection',
      'engine',
      'ports',
      'abort-upload',
      'pending-uploads',
      'recall-file',
      'remember-file',
      'upload-file',
    ]),
    only(
      'fake-obs',
      'fake-obs',
      ['ports/hash'],
      'The fake derives all anew, so that a wrong signer cannot agree with itself.',
    ),
    {
      name: 'engine-sees-ports',
      comment: 'Adapters are chosen outside the engine.',
      severity: 'error',
      from: { path: '^lib/engine/' },
      to: { path: '^lib/ports/(source|transport|checkpoint-store|lock)/', ...runtime },
    },
    {
      name: 'pure-layers-without-rxjs',
      severity: 'error',
      from: { path: `^lib/(${pure.join('|')})/`, pathNot: '^lib/ports/hash/(hasher|piecewise-hasher)\\.ts$' },
      to: { path: 'node_modules/rxjs', ...runtime },
    },
    {
      name: 'crypto-js-in-hash',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/ports/hash/' },
      to: { path: 'node_modules/crypto-js' },
    },
    {
      name: 'fast-xml-parser-in-xml',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/protocol/xml\\.ts$' },
      to: { path: 'node_modules/fast-xml-parser' },
    },
    {
      name: 'hash-wasm-in-worker',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/worker/' },
      to: { path: 'node_modules/hash-wasm' },
    },
    {
      name: 'angular-in-angular',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/angular/' },
      to: { path: 'node_modules/@angular' },
    },
    {
      name: 'angular-over-the-main-entry',
      comment: 'What an Angular service does, any other program can do too.',
      severity: 'error',
      from: { path: '^lib/angular/' },
      to: { path: '^lib/', pathNot: ['^lib/angular/', '^lib/index\\.ts$'] },
    },
    {
      name: 'signing-server-over-the-main-entry',
      comment: 'A backend may be written without it.',
      severity: 'error',
      from: { path: '^lib/signing-server/' },
      to: {
        path: '^lib/',
        pathNot: [
          '^lib/signing-server/',
          '^lib/(index|time)\\.ts$',
          '^lib/(connection/obs-connection|protocol/endpoint|validation/check)\\.ts$',
        ],
      },
    },
    {
      name: 'node-in-node-entries',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(server|node)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'fake-obs-behind-its-fronts',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(fake-obs|server|testing)/' },
      to: { path: '^lib/fake-obs/' },
    },
    {
      name: 'entries-stand-apart',
      comment: 'Nothing of the main entry needs another entry.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(${entries.join('|')})/` },
      to: { path: `^lib/(${entries.join('|')})/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
