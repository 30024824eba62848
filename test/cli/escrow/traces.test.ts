/** What a ceremony leaves, whole or broken off, by the system calls of all its processes. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayDumpCore } from '../../helpers/core-dumps.ts';
import { hasProgram } from '../../helpers/program.ts';
import { oneOf } from '../../helpers/sample-tests.ts';
import { holdCeremony } from './hold-ceremony.ts';
import { innermost, readTrace, tracer } from './traced.ts';

const CUSTODIANS = ['Ana', 'Ben'];
let place: string;
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'traces-'))));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const TOLD_TO_END = [
  ['until it is interrupted', 'SIGINT', 20],
  ['until it is told to end', 'SIGTERM', 20],
  ['until its terminal is gone', 'SIGHUP', 20],
] as const;
const sampled = oneOf('how a ceremony is told to end', TOLD_TO_END);

describe.skipIf(!hasProgram('strace'))('a ceremony that is traced', () => {
  it.each([['to its end', undefined, 0], ...sampled, ['until it is killed', 'SIGKILL', 137]] as const)(
    '%s writes nothing outside its directory and reaches nobody',
    async (how, signal, code) => {
      const [trace, directory] = [join(place, `${how}.strace`), join(place, how.replaceAll(' ', '-'))];
      let dumps = true;
      const held = await holdCeremony(directory, {
        custodians: CUSTODIANS,
        threshold: 2,
        program: tracer(trace),
        meanwhile(custodian, pid) {
          dumps = mayDumpCore(innermost(pid));
          if (custodian !== 'Ben' || signal === undefined) return undefined;
          process.kill(innermost(pid), signal);
          return 'leave';
        },
      });
      expect(held.code).toBe(code);
      expect(dumps).toBe(false);
      const { written, sockets } = readTrace(trace);
      expect(written.filter((path) => path.startsWith(directory)).length).toBeGreaterThan(2);
      expect(written.filter((path) => !path.startsWith(directory))).toEqual([]);
      // Which interfaces there are is asked of the kernel.
      expect([...new Set(sockets)].filter((family) => family !== 'AF_NETLINK')).toEqual([]);
      if (signal === undefined) expect(readdirSync(directory).toSorted()).toEqual(['ceremony.json', 'recipient.txt']);
      else if (signal === 'SIGKILL') expect(readdirSync(directory)).toEqual(['share-2-ben.html']);
      else expect(existsSync(directory)).toBe(false);
    },
  );

  it('is not held again over the sheets of one that was killed', async () => {
    const { code, stderr } = await holdCeremony(join(place, 'until-it-is-killed'), { custodians: CUSTODIANS, threshold: 2 });
    expect(code).toBe(64);
    expect(stderr).toContain('those of a ceremony that was cut off');
  });
});
