/** Categories of exports, in the order in which a reader meets them: by the file in which an export is defined. */
const CATEGORIES = [
  [
    'Connection',
    'Where the store is, how requests are signed, and what all uploads share.',
    /^(connection\/|model\/credentials|protocol\/request\/endpoint|angular\/(provide|inject)-obs|angular\/obs-|model\/upload\/request-record|worker\/uploads\/)/,
  ],
  [
    'Uploads',
    'A file, or many, as a stream of events or as a Promise; and what each event says.',
    /^(upload(-files?|-request)?|operators\/to-async-iterable|model\/upload\/event|model\/object-options|model\/checksum)\.ts/,
  ],
  [
    'Queue',
    'Many files behind buttons: add, pause, resume, retry, abort, remove.',
    /^(upload-queue|queue\/|model\/queue\/queue-state|angular\/inject-uploads)/,
  ],
  [
    'Pause, resume, give up',
    'To continue an upload after a pause, an error or a reload, or to delete its parts.',
    /^(resumable|operators\/resume|abort-upload|list-uploads|pending-uploads|recall-|file-handles|model\/checkpoint|validation\/checkpoint|node\/directory)|^ports\/checkpoint-store/,
  ],
  [
    'Views',
    'Events folded into plain JSON for a view or a reducer.',
    /^(operators\/|model\/(upload\/(reduce|snapshot)|queue\/))/,
  ],
  ['Errors', 'What an upload can fail with; all are `UploadError`s.', /^model\/(errors\/|upload\/error-info)/],
  [
    'Sources',
    'What can be uploaded: files that a user drops or chooses, streams, transformed files, files on disk.',
    /^(ports\/(source|spool|selected-files)|node\/)/,
  ],
  [
    'Signing',
    'How requests and URLs are signed, here or by a backend, and how stores differ.',
    /^(signing\/|create-signed-url|protocol\/(s3-)?dialect|signing-server\/|angular\/)/,
  ],
  [
    'Ports',
    'What an upload needs from its surroundings, and adapters: sending, locking, hashing.',
    /^(ports\/|worker\/)/,
  ],
  [
    'Calls',
    'The single requests to the service, for programs that combine them by themselves.',
    /^(operations|protocol\/|model\/operation)/,
  ],
  [
    'ObsClient',
    'The callback API of the official browser SDK, whose parameters have its names and its meaning.',
    /^compat\//,
  ],
  ['A fake store', 'A complete OBS in memory, in virtual time.', /^testing\/(service\/|fakes\/clogs|bytes\/)/],
  [
    'Responses by hand',
    'A transport that sends nothing, for tests that respond to each request.',
    /^testing\/test-transport\//,
  ],
  ['Fakes of ports', 'Sources, streams, stores, locks and hashers that do what a test asks for.', /^testing\/fakes\//],
  ['Builders', 'Events, snapshots, checkpoints, results and errors for tests of reducers and views.', /^testing\//],
  ['A local OBS', 'The fake store over HTTP, with its objects on disk.', /^server\//],
  ['Faults', 'What goes wrong on purpose: which request, and what happens to it.', /^fake-obs\/faults\//],
  ['State of the store', 'What a fake or local OBS has stored and received, to look at and to change.', /^fake-obs\//],
];

export const categoryOrder = CATEGORIES.map(([name]) => name);

/** Sorts what each entry exports into categories, and says in a sentence what each of them is for. */
export function categorize(project, { Comment, CommentTag }) {
  const text = (content) => [{ kind: 'text', text: content }];
  for (const module of project.children ?? []) {
    const used = new Set();
    for (const reflection of module.children ?? []) {
      const category = categoryOf(fileOf(project, reflection));
      if (category === undefined) continue;
      used.add(category);
      const comments = commentsOf(reflection);
      if (comments.length === 0) comments.push((reflection.comment = new Comment()));
      for (const comment of comments) comment.blockTags.push(new CommentTag('@category', text(category[0])));
    }
    module.comment ??= new Comment();
    for (const [name, sentence] of used) {
      module.comment.blockTags.push(new CommentTag('@categoryDescription', text(`${name}\n${sentence}`)));
    }
  }
}

/** What a reader would miss: exports and members without a sentence, functions without an example. */
export function gapsIn(project, { ReflectionKind }) {
  return Object.values(project.reflections).flatMap((reflection) => {
    const file = fileOf(project, reflection);
    if (file === '' || !needsSentence(reflection, ReflectionKind)) return [];
    const comments = commentsOf(reflection);
    const where = `${reflection.getFullName()} (lib/${file})`;
    return [
      ...(comments.some((comment) => comment.hasVisibleComponent()) ? [] : [`${where} has no documentation.`]),
      ...(reflection.kind !== ReflectionKind.Function || comments.some((comment) => comment.getTag('@example'))
        ? []
        : [`${where} has no @example.`]),
      ...(reflection.parent?.kind !== ReflectionKind.Module || categoryOf(file) !== undefined
        ? []
        : [`${where} has no category: see scripts/lib/reference.mjs.`]),
    ];
  });
}

/** Not those of inline types, nor literal `type`s and names that say it all, nor parameters of the official SDK. */
function needsSentence({ kind, name, parent, type, overwrites, inheritedFrom }, ReflectionKind) {
  if (parent?.kind === ReflectionKind.Module) return kind !== ReflectionKind.Reference;
  const isMember =
    kind === ReflectionKind.Property || kind === ReflectionKind.Method || kind === ReflectionKind.Accessor;
  if (!isMember || parent?.kind === ReflectionKind.TypeLiteral || inheritedFrom !== undefined) return false;
  return type?.type !== 'literal' && overwrites === undefined && !/^[A-Z]/.test(name);
}

function categoryOf(file) {
  return CATEGORIES.find(([, , files]) => files.test(file));
}

/** Below `lib/`; empty for what comes from elsewhere. */
function fileOf(project, reflection) {
  const target = reflection.isReference?.() ? reflection.getTargetReflectionDeep() : reflection;
  return /^lib\/(.+)$/.exec(project.getSymbolIdFromReflection(target)?.packagePath ?? '')?.[1] ?? '';
}

function commentsOf({ comment, signatures = [], getSignature, type }) {
  const callable = type?.type === 'reflection' ? (type.declaration.signatures ?? []) : [];
  return [comment, getSignature?.comment, ...[...signatures, ...callable].map((each) => each.comment)].filter(Boolean);
}
