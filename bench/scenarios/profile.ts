/** Where our dump's own CPU goes: a profile of every thread, its samples summed by what they were for. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Tool } from '../peers/peer.ts';
import { measured, type Measuring } from './run-tool.ts';

type Frame = { functionName: string; url: string };
type Profile = { nodes: { id: number; callFrame: Frame }[]; samples: number[]; timeDeltas: number[] };

/** The first that fits, in this order. Native work counts for the JavaScript function that called it. */
const PURPOSES: [name: string, fits: (frame: Frame) => boolean][] = [
  ['waiting', ({ functionName }) => functionName === '(idle)'],
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['compression', ({ functionName, url }) => /zlib/.test(url) || /zstd|gzip|processChunkSync/i.test(functionName)],
  ['SHA-256', ({ functionName, url }) => url.startsWith('node:internal/crypto') && /update|digest|Hash/i.test(functionName)],
  ['CRC32', ({ functionName }) => /crc32/i.test(functionName)],
  ['signing of requests', ({ url }) => /signature-v4|httpAuthSchemes|httpAuth/.test(url)],
  ['client of S3', ({ url }) => /node_modules\/@(aws-sdk|smithy|aws)\//.test(url)],
  ['protocol of PostgreSQL', ({ url }) => /node_modules\/pg/.test(url) || /adapters\/postgres/.test(url)],
  ['our own code', ({ url }) => /\/(core|adapters|tasks)\//.test(url)],
  ['sockets and streams', ({ url }) => /^node:(net|_http|https|http|internal\/(stream|http|net)|stream)/.test(url)],
  ['loading of modules', ({ url }) => /^node:internal\/(modules|deps|bootstrap|main|process)/.test(url)],
  ['V8 and Node, unnamed', () => true],
];

/** Prints seconds by purpose and thread. Profiling slows a program down, so these are shares rather than times. */
export async function profileBackup(bench: Bench, tool: Tool, measuring: Measuring): Promise<void> {
  const directory = join(bench.place.root, 'profile');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const prefix of tool.prefixes) await bench.store.wipe(tool.bucket, prefix);
  const command = tool.backup(bench);
  const args = ['--cpu-prof', `--cpu-prof-dir=${directory}`, '--cpu-prof-interval=2000', ...command.args];
  await measured(bench, `${tool.name} profiled`, 'backup', { ...command, args }, measuring);
  const threads = readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as Profile);
  for (const [index, thread] of threads.map(sumByPurpose).entries()) {
    measuring.say(`  thread ${index + 1}`);
    for (const [purpose, seconds] of [...thread].sort(([, a], [, b]) => b - a))
      if (seconds >= 0.05) measuring.say(`    ${seconds.toFixed(2).padStart(7)} s  ${purpose}`);
  }
}

function sumByPurpose({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const purposes = new Map(nodes.map(({ id, callFrame }) => [id, PURPOSES.find(([, fits]) => fits(callFrame))?.[0] ?? '']));
  const seconds = new Map<string, number>();
  samples.forEach((id, index) => {
    const purpose = purposes.get(id) ?? '';
    seconds.set(purpose, (seconds.get(purpose) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  });
  return seconds;
}
