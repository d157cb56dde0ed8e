import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath } from './on-path.mjs';
import { Complaint } from './project.mjs';
import { run } from './run.mjs';

const PACKAGES = ['radosgw', 'ceph-mon', 'ceph-osd'];
const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'ceph-authtool', 'monmaptool', 'setpriv'];
const HOST = '127.0.0.1';
/** For what hangs, not for what is slow. */
const START_MS = 240_000;
const STOP_MS = 5_000;

/** Makes sure that Ceph is there. */
export function requireCeph() {
  const missing = PROGRAMS.filter((program) => onPath(program).length === 0);
  if (missing.length === 0) return;
  throw new Complaint(
    `Ceph is missing (${missing.join(', ')}). On Debian and Ubuntu: sudo apt-get install ${PACKAGES.join(' ')}.`,
  );
}

/**
 * Starts a Ceph cluster on free ports of this machine alone: a monitor, an object store in memory, and two RADOS
 * Gateways, one as it comes (`port`) and one that issues and accepts temporary credentials (`tokenPort`). Its folder is
 * deleted when it is closed; the credentials are generated each time.
 */
export async function startCeph() {
  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-ceph-'));
  const daemons = [];
  const close = async () => {
    // The gateway first: it waits for the others.
    for (const daemon of daemons.reverse()) await stop(daemon);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await startIn(folder, daemons)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startIn(folder, daemons) {
  const [port, tokenPort, monV1, monV2] = await freePorts(4);
  const conf = join(folder, 'ceph.conf');
  const keyring = join(folder, 'keyring');
  const monitors = `[v2:${HOST}:${monV2},v1:${HOST}:${monV1}]`;
  const fsid = randomUUID();
  for (const name of ['mon', 'osd', 'run', 'log']) mkdirSync(join(folder, name));
  writeFileSync(conf, configuration({ folder, fsid, monitors, port, tokenPort, keyring }));

  const must = async (program, ...args) => {
    const { code, output } = await run(program, args, { quiet: true, env: { ...process.env, CEPH_CONF: conf } });
    if (code !== 0) throw new Complaint(`${program} ended with ${code ?? 'no exit code'}:\n${output}`);
  };
  const daemon = (program, ...args) => {
    const started = startDaemon(program, ['-c', conf, '-f', ...args]);
    daemons.push(started);
    return started;
  };

  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'];
  await must('ceph-authtool', keyring, '--create-keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  for (const name of ['client.admin', 'client.rgw', 'client.sts', 'osd.0']) {
    await must('ceph-authtool', keyring, '--gen-key', '-n', name, ...all);
  }
  const monmap = join(folder, 'monmap');
  await must('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', monitors, monmap);
  await must('ceph-mon', '-c', conf, '--mkfs', '-i', 'a', '--monmap', monmap, '--keyring', keyring);
  daemon('ceph-mon', '-i', 'a');

  const osd = randomUUID();
  await must('ceph', '--connect-timeout', String(START_MS / 1000), 'osd', 'new', osd);
  await must('ceph-osd', '-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osd);
  daemon('ceph-osd', '-i', '0');
  // The first one makes the pools: the second one finds them.
  await isListening(port, daemon('radosgw', '-n', 'client.rgw'));
  await isListening(tokenPort, daemon('radosgw', '-n', 'client.sts'));

  const user = 'uploader';
  const credentials = { accessKeyId: randomKey(20), secretAccessKey: randomKey(40) };
  await must(
    ...['radosgw-admin', 'user', 'create', `--uid=${user}`, `--display-name=${user}`],
    ...[`--access-key=${credentials.accessKeyId}`, `--secret-key=${credentials.secretAccessKey}`],
    '--caps=user-policy=*',
  );
  return { port, tokenPort, user, credentials };
}

function configuration({ folder, fsid, monitors, port, tokenPort, keyring }) {
  return `[global]
fsid = ${fsid}
mon_initial_members = a
mon_host = ${monitors}
public_addr = ${HOST}
cluster_addr = ${HOST}
auth_allow_insecure_global_id_reclaim = false
run_dir = ${folder}/run
admin_socket = ${folder}/run/$name.asok
log_file = ${folder}/log/$name.log
keyring = ${keyring}
# One copy of everything, in few placement groups: there is one store, and it is for a few minutes.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
# Without these a cluster of one thinks for a second before each of its decisions.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# The machine's own disk may be nearly full: nothing is stored there.
mon_data_avail_warn = 1
mon_data_avail_crit = 1
[mon.a]
mon_data = ${folder}/mon
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = ${4 * 1024 ** 3}
osd_class_load_list = *
osd_class_default_list = *
osd_max_object_name_len = 460
osd_max_object_namespace_len = 64
[client]
# Buckets by path at 127.0.0.1, by name at BUCKET.localhost.
rgw_dns_name = localhost
rgw_rados_pool_pg_num_min = 4
[client.rgw]
rgw_frontends = beast endpoint=${HOST}:${port}
[client.sts]
rgw_frontends = beast endpoint=${HOST}:${tokenPort}
rgw_s3_auth_use_sts = true
rgw_sts_key = ${randomKey(16)}
`;
}

/** In a group of its own, since Ctrl-C is for the script; the kernel ends it if the script is killed. */
function startDaemon(program, args) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const collect = (chunk) => (output = (output + chunk).slice(-4000));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.on('error', collect);
  return { child, output: () => output };
}

async function stop({ child }) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(patience);
}

async function isListening(port, { child, output }) {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      return await fetch(`http://${HOST}:${port}`, { signal: AbortSignal.timeout(5000) });
    } catch {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
        throw new Complaint(`The RADOS Gateway does not start:\n${output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Below those that systems give out by themselves (from 32,768 on), so that nobody gets one before the daemon that it is
 * for; by the process, so that runs at the same time look in different places.
 */
async function freePorts(count) {
  const ports = [];
  for (let i = 0; ports.length < count; i++) {
    const port = 20_000 + ((process.pid * 16 + i) % 12_000);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

function randomKey(length) {
  return randomBytes(length).toString('hex').slice(0, length).toUpperCase();
}
