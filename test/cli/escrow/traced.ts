/** Processes under strace: what they made or opened to write, and whom they called. */
import { readFileSync } from 'node:fs';

const CALLS =
  'open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,memfd_create,socket,connect,bind';

export const tracer = (file: string): string[] => ['strace', '-f', '-o', file, '-e', `trace=${CALLS}`];

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
/** The process that holds the secrets, which others have started. */
export const innermost = (pid: number): number => childrenOf(pid).map(innermost).at(-1) ?? pid;

/** Paths that the calls made or opened to write, and families of sockets. */
export function readTrace(file: string): { written: string[]; sockets: string[] } {
  const calls = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/= -1 E/.test(line));
  const makes = calls.filter(
    (line) => /\d+ +(creat|mkdir|rename|link|symlink|mknod|truncate|memfd_create)/.test(line) || /O_(WRONLY|RDWR|CREAT)/.test(line),
  );
  return {
    written: makes
      .map((line) => /"([^"]*)"/.exec(line)?.[1] ?? line)
      .filter((path) => !/^\/(dev\/(null|tty|pts\/\d+)|proc\/self\/coredump_filter)$/.test(path)),
    sockets: calls.flatMap((line) => /\b(?:socket|connect|bind)\((?:\d+, \{sa_family=)?(AF_\w+)/.exec(line)?.[1] ?? []),
  };
}
