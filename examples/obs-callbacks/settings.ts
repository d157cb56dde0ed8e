/** Where this page uploads to, and the credentials for it, as the server that serves the page sends them. */
export interface Settings {
  readonly server: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export async function loadSettings(): Promise<Settings> {
  const [config, credentials] = await Promise.all([getJson('config'), getJson('credentials')]);
  return { ...config, ...credentials } as Settings;
}

async function getJson(name: string): Promise<object> {
  const response = await fetch(`/_page/${name}.json`);
  if (!response.ok) throw new Error(`The page's server responded ${response.status}.`);
  return (await response.json()) as object;
}
