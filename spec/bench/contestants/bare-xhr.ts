import type { Work } from '../work.js';
import { register, runId } from './register.js';

const ATTEMPTS = 20;

/** The upper bound: no signature, no complete, no progress; only the parts, and initiate where `work` asks for it. */
register(async (files, work, endpoint) => {
  if (work.initiates === true) await initiate(endpoint);
  const parts = files.flatMap((file, i) => cut(file, work).map((part, j) => [part, urlOf(endpoint, i, j)] as const));
  const queue = parts.values();
  const worker = async (): Promise<void> => {
    for (const [part, url] of queue) await put(part, url);
  };
  await Promise.all(Array.from({ length: concurrencyOf(work, files.length) }, worker));
});

function cut(file: File, { partSize }: Work): Blob[] {
  const count = Math.max(1, Math.ceil(file.size / partSize));
  return Array.from({ length: count }, (_, i) => file.slice(i * partSize, (i + 1) * partSize, ''));
}

function urlOf(endpoint: string, file: number, part: number): string {
  return `${endpoint}/bench/${runId}-${file}?partNumber=${part + 1}&uploadId=bare`;
}

async function initiate(endpoint: string): Promise<void> {
  // A header that has to be asked for in a preflight, in place of a signature.
  const response = await fetch(`${endpoint}/bench/${runId}-0?uploads`, {
    method: 'POST',
    headers: { 'x-obs-date': '' },
  });
  await response.text();
}

function concurrencyOf({ taskNum, filesAtOnce }: Work, files: number): number {
  if (files > 1) return filesAtOnce;
  return typeof taskNum === 'number' ? taskNum : 1;
}

async function put(body: Blob, url: string): Promise<void> {
  for (let attempt = 1; !(await sent(body, url)); attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`A part failed ${ATTEMPTS} times.`);
  }
}

function sent(body: Blob, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open('PUT', url);
    xhr.onload = () => resolve(xhr.status === 200);
    xhr.onerror = () => resolve(false);
    xhr.send(body);
  });
}
