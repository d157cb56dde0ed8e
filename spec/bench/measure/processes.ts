import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Of this process alone, since its start. */
  readonly cpuSeconds: number;
}

/** Of `/proc/PID/stat`, in what Linux has always used here. */
const TICKS_PER_SECOND = 100;

/** A browser's processes: the one that was started and all that came of it. */
export interface ProcessTree {
  /** Begins to count; what it gives says how many CPU seconds all of them have used since. */
  countCpu(): () => number;
  /** The peak starts over. */
  resetPeaks(): void;
  /** Bytes: the most memory (resident) that any one renderer has held since. */
  rendererPeakBytes(): number;
}

/** Reads `/proc`, so Linux alone. */
export function processTree(root: number): ProcessTree {
  const renderers = (): number[] =>
    family(root)
      .map(({ pid }) => pid)
      .filter((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'));
  return {
    countCpu() {
      const before = new Map(family(root).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
      // Process by process: the page before may be ending still, and takes its past with it.
      return () => family(root).reduce((sum, { pid, cpuSeconds }) => sum + cpuSeconds - (before.get(pid) ?? 0), 0);
    },
    resetPeaks() {
      for (const pid of renderers()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
    },
    rendererPeakBytes: () => Math.max(0, ...renderers().map(peakBytes)),
  };
}

function family(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap(processOf);
  const members = new Set([root]);
  // Parents have smaller numbers than their children but where numbers start over: as often as needed until nothing is new.
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

function processOf(pid: number): Process[] {
  // The name may hold spaces and brackets: the fields begin after its last bracket.
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const [parent, userTicks, systemTicks] = [fields[1], fields[11], fields[12]].map(Number);
  if (parent === undefined || userTicks === undefined || systemTicks === undefined) return [];
  return [{ pid, parent, cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND }];
}

function peakBytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** A process may end at any moment. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
