/** What a ceremony leaves, whole or broken off, by the system calls of all its processes. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasProgram } from '../../helpers/program.ts';
import { holdCeremony } from './hold-ceremony.ts';

const CUSTODIANS = ['Ana', 'Ben'];
const CALLS =
  'open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,memfd_create,socket,connect,bind';
let place: string;
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'traces-'))));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
/** The process that holds the ceremony, which others have started. */
const innermost = (pid: number): number => childrenOf(pid).map(innermost).at(-1) ?? pid;

/** Paths that the calls made or opened to write, and families of sockets. */
function readTrace(file: string): { written: string[]; sockets: string[] } {
  const calls = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/= -1 E/.test(line));
  const makes = calls.filter(
    (line) => /\d+ +(creat|mkdir|rename|link|symlink|mknod|truncate|memfd_create)/.test(line) || /O_(WRONLY|RDWR|CREAT)/.test(line),
  );
  return {
    written: makes.map((line) => /"([^"]*)"/.exec(line)?.[1] ?? line).filter((path) => !/^\/dev\/(null|tty|pts\/\d+)$/.test(path)),
    sockets: calls.flatMap((line) => /\b(?:socket|connect|bind)\((?:\d+, \{sa_family=)?(AF_\w+)/.exec(line)?.[1] ?? []),
  };
}

describe.skipIf(!hasProgram('strace'))('a ceremony that is traced', () => {
  it.each([
    ['to its end', undefined, 0],
    ['until it is interrupted', 'SIGINT', 20],
    ['until it is told to end', 'SIGTERM', 20],
    ['until its terminal is gone', 'SIGHUP', 20],
    ['until it is killed', 'SIGKILL', 137],
  ] as const)('%s writes nothing outside its directory and reaches nobody', async (how, signal, code) => {
    const [trace, directory] = [join(place, `${how}.strace`), join(place, how.replaceAll(' ', '-'))];
    let limits = '';
    const held = await holdCeremony(directory, {
      custodians: CUSTODIANS,
      threshold: 2,
      program: ['strace', '-f', '-o', trace, '-e', `trace=${CALLS}`],
      meanwhile(custodian, pid) {
        limits = readFileSync(`/proc/${innermost(pid)}/limits`, 'utf8');
        if (custodian !== 'Ben' || signal === undefined) return undefined;
        process.kill(innermost(pid), signal);
        return 'leave';
      },
    });
    expect(held.code).toBe(code);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    const { written, sockets } = readTrace(trace);
    expect(written.filter((path) => path.startsWith(directory)).length).toBeGreaterThan(2);
    expect(written.filter((path) => !path.startsWith(directory))).toEqual([]);
    // Which interfaces there are is asked of the kernel.
    expect([...new Set(sockets)].filter((family) => family !== 'AF_NETLINK')).toEqual([]);
    if (signal === undefined) expect(readdirSync(directory).toSorted()).toEqual(['ceremony.json', 'recipient.txt']);
    else if (signal === 'SIGKILL') expect(readdirSync(directory)).toEqual(['share-2-ben.html']);
    else expect(existsSync(directory)).toBe(false);
  });

  it('is not held again over the sheets of one that was killed', async () => {
    const { code, stderr } = await holdCeremony(join(place, 'until-it-is-killed'), { custodians: CUSTODIANS, threshold: 2 });
    expect(code).toBe(64);
    expect(stderr).toContain('those of a ceremony that was cut off');
  });
});
