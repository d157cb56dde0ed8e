import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Used by this process alone, since its start. */
  readonly cpuSeconds: number;
}

/** The unit of `/proc/PID/stat`, always 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** A browser's processes: the one that was started and all its descendants. */
export interface ProcessTree {
  /** Starts counting; the returned function returns the CPU seconds that all of them have used since. */
  countCpu(): () => number;
  /** Resets the memory peak. */
  resetPeaks(): void;
  /** The highest resident memory of any single renderer since then, in bytes. */
  rendererPeakBytes(): number;
}

/** Reads `/proc`, so it works only on Linux. */
export function processTree(root: number): ProcessTree {
  const renderers = (): number[] =>
    descendants(root)
      .map(({ pid }) => pid)
      .filter((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'));
  return {
    countCpu() {
      const before = new Map(descendants(root).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
      // Process by process: one of the previous page may still end, which removes its earlier CPU time from the sum.
      return () => descendants(root).reduce((sum, { pid, cpuSeconds }) => sum + cpuSeconds - (before.get(pid) ?? 0), 0);
    },
    resetPeaks() {
      for (const pid of renderers()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
    },
    rendererPeakBytes: () => Math.max(0, ...renderers().map(peakBytes)),
  };
}

function descendants(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap(processOf);
  const members = new Set([root]);
  // Repeated until nothing is new: a parent may have a larger pid than its child when pids have wrapped around.
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

function processOf(pid: number): Process[] {
  // The name may contain spaces and brackets: the fields start after its last bracket.
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const [parent, userTicks, systemTicks] = [fields[1], fields[11], fields[12]].map(Number);
  if (parent === undefined || userTicks === undefined || systemTicks === undefined) return [];
  return [{ pid, parent, cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND }];
}

function peakBytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Returns an empty string when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
