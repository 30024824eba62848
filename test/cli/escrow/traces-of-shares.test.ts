/** What combining shares and proving with them leaves, whole or broken off, by the system calls of all their processes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { shareRows } from '../../../core/escrow/offline/share-text.ts';
import { keyInSource } from '../../functions/escrow/key-in-source.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld } from '../../functions/escrow/escrow-world.ts';
import { mayDumpCore } from '../../helpers/core-dumps.ts';
import { hasProgram } from '../../helpers/program.ts';
import { emulatorEnvironment } from '../run-holdfast.ts';
import { BIN, converse, type Ended } from './hold-ceremony.ts';
import { innermost, readTrace, tracer } from './traced.ts';

const KEY = 'wallet-encryption-key';
const THRESHOLD = 2;
let place: string;
let rows: string[];
let recipient: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'traces-of-shares-'));
  const ceremony = await splitNewIdentity(3, THRESHOLD);
  rows = ceremony.shares.slice(0, THRESHOLD).flatMap(shareRows);
  ({ recipient } = ceremony);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

type Traced = Ended & ReturnType<typeof readTrace> & { dumps: boolean };

/** @param last what happens when the last row is asked for, by which time all others are in memory; nobody answers then */
async function traced(
  words: string[],
  name: string,
  last?: (pid: number) => void,
  environment: Record<string, string> = {},
): Promise<Traced> {
  const trace = join(place, `${name}.strace`);
  const left = [...rows];
  let dumps = true;
  const ended = await converse(
    words,
    (_, pid) => {
      dumps = mayDumpCore(innermost(pid));
      if (left.length > 1 || last === undefined) return left.shift();
      last(innermost(pid));
      return null;
    },
    { program: [...tracer(trace), process.execPath, BIN], environment },
  );
  return { ...ended, ...readTrace(trace), dumps };
}

const ENDS = [
  ['to its end', undefined, 0],
  // In a pipe what was typed by then is all there is, and is told as too few shares.
  ['until it is interrupted', 'SIGINT', 63],
] as const;

describe.skipIf(!hasProgram('strace'))('shares that are combined while calls are traced', () => {
  it.each(ENDS)('%s: nothing is written but the identity, and nobody is reached', async (how, signal, code) => {
    const directory = join(place, how.replaceAll(' ', '-'));
    mkdirSync(directory);
    const file = join(directory, 'identity.txt');
    const { dumps, written, sockets, ...ended } = await traced(
      ['escrow', 'combine', '--to', file],
      `combine ${how}`,
      signal && ((pid) => process.kill(pid, signal)),
    );
    expect(ended.code, ended.stderr).toBe(code);
    expect(dumps).toBe(false);
    expect(new Set(written)).toEqual(new Set(signal === undefined ? [file] : []));
    expect(readdirSync(directory)).toEqual(signal === undefined ? ['identity.txt'] : []);
    // Which interfaces there are is asked of the kernel.
    expect([...new Set(sockets)].filter((family) => family !== 'AF_NETLINK')).toEqual([]);
  });
});

describe.skipIf(!hasProgram('strace'))('a proof that is traced', () => {
  let plan: string;
  let medium: string;
  let value: string;
  beforeAll(async () => {
    const world = await makeEscrowWorld(inject('emulator'));
    const made = await keyInSource(world, KEY);
    ({ value } = made);
    await made.escrow(1, { ...world.escrowPorts(), offline: packRecipients([{ id: KEY, recipients: [recipient] }]) });
    const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, KEY, AFTER_ALL_RUNS);
    plan = join(place, 'plan.yaml');
    writeFileSync(plan, readFileSync('plans/ida.yaml', 'utf8').replace(/^system: ida$/m, `system: ${world.system}`));
    mkdirSync(join(place, 'stick'));
    medium = join(place, 'stick', 'ida');
    const about = { system: world.system, exportedAt: '2026-11-20T08:00:00.000Z', from: 's3://escrow' };
    await writeMedium(medium, about, files, new AbortController().signal);
  });

  // Nothing is deployed that could record it: it is kept, which is all that a proof may leave.
  it.each(ENDS)('%s: nothing is written but the proof that is kept, which holds no secret', async (how, signal, code) => {
    const words = ['escrow', 'prove-offline', '--plan', plan, '--medium', medium, '--witness', 'Ana'];
    const kill = signal && ((pid: number) => process.kill(pid, signal));
    const { dumps, written, ...ended } = await traced(words, `proof ${how}`, kill, emulatorEnvironment());
    const kept = readdirSync(join(place, 'stick')).filter((name) => name !== 'ida');
    expect(dumps).toBe(false);
    expect(new Set(written)).toEqual(new Set(kept.map((name) => join(place, 'stick', name))));
    if (signal === undefined) {
      expect(kept).toEqual([expect.stringMatching(/^ida-proof-\d{8}T\d{6}Z\.json$/)]);
      expect(ended.stderr).toContain(`It is kept in ${join(place, 'stick', kept[0]!)}`);
      const text = readFileSync(join(place, 'stick', kept[0]!), 'utf8');
      expect(text).toContain('"outcome": "passed"');
      for (const secret of [value, ...rows]) expect(text + ended.stdout + ended.stderr).not.toContain(secret);
      rmSync(join(place, 'stick', kept[0]!));
    } else {
      expect(ended.code, ended.stderr).toBe(code);
      expect(kept).toEqual([]);
    }
  });
});
