/** Where this page uploads to, and the keys for it, as the server that serves the page sends them. */
export interface Settings {
  readonly server: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export async function loadSettings(): Promise<Settings> {
  const [config, credentials] = await Promise.all(['config', 'credentials'].map(fetchTexts));
  return {
    server: textOf(config, 'server'),
    bucket: textOf(config, 'bucket'),
    accessKeyId: textOf(credentials, 'accessKeyId'),
    secretAccessKey: textOf(credentials, 'secretAccessKey'),
  };
}

async function fetchTexts(name: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`/_page/${name}.json`);
  if (!response.ok) throw new Error(`The page's server answered ${response.status}.`);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

function textOf(texts: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const text = texts?.[name];
  if (typeof text !== 'string') throw new Error(`The page's server does not tell its ${name}.`);
  return text;
}
