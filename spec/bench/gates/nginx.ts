import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Nginx {
  readonly ports: Readonly<Record<'http/1.1' | 'http/2', number>>;
  close(): Promise<void>;
}

const BINARIES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'];

/** The system's nginx with TLS in front of a server, one port per protocol; nothing is written to disk. */
export async function startNginx(target: number): Promise<Nginx> {
  const binary = BINARIES.find(existsSync);
  if (binary === undefined) throw new Error('This scenario needs nginx: apt-get install nginx (and openssl).');
  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-nginx-'));
  const ports = { 'http/1.1': await freePort(), 'http/2': await freePort() };
  makeCertificate(folder);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, target, ports));
  const child = spawn(binary, ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  await listening(ports['http/2']);
  return {
    ports,
    async close() {
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Bodies are read completely before they are forwarded, which is the default; parts up to 16 MiB stay in memory. */
function configuration(folder: string, target: number, ports: Nginx['ports']): string {
  const server = (port: number, protocol: string): string => `
  server {
    listen 127.0.0.1:${port} ssl${protocol};
    location / {
      proxy_pass http://store;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }
  }`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_buffer_size 16m;
  keepalive_requests 1000000;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ssl_certificate ${folder}/certificate.pem;
  ssl_certificate_key ${folder}/key.pem;
  upstream store { server 127.0.0.1:${target}; keepalive 128; }${server(ports['http/1.1'], '')}${server(ports['http/2'], ' http2')}
}
`;
}

function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const out = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, ...out], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const MAX_ATTEMPTS = 100;

async function listening(port: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const socket = connect({ port, host: '127.0.0.1' });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    if (attempt === MAX_ATTEMPTS) throw new Error('nginx does not start.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
