/**
 * A fresh directory for each volume of a task. On Fargate a container sees it at its mount path; here environment and command are
 * rewritten from that path to the directory.
 */
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from './task-definition.ts';

/**
 * Who may enter is what the image's own directories say on Fargate: a volume of one container belongs to its user alone. One that is
 * shared belongs to the user of the last container that mounts it, and to the group of the first, and to nobody else.
 */
export function makeVolumes(parent: string, volumes: readonly string[], containers: readonly Container[]): Map<string, string> {
  return new Map(
    volumes.map((volume) => {
      const directory = join(parent, volume);
      mkdirSync(directory);
      const users = containers.filter(({ mounts }) => mounts.some((mount) => mount.volume === volume)).map(({ user }) => parseUser(user));
      const [first, last] = [users[0], users.at(-1)];
      if (process.getuid?.() === 0 && first && last) chownSync(directory, last.uid, first.gid);
      // With the group's id on the directory, what one container writes belongs to the group that the other is in.
      chmodSync(directory, users.length > 1 ? 0o2770 : 0o700);
      return [volume, directory];
    }),
  );
}

/** Numeric users only: names would be those of the image. */
export function parseUser(user: string | undefined): { uid: number; gid: number } | undefined {
  const ids = /^(\d+)(?::(\d+))?$/.exec(user ?? '');
  if (!ids) return undefined;
  const uid = Number(ids[1]);
  return { uid, gid: Number(ids[2] ?? uid) };
}

export type Rewrite = (text: string) => string;

/** From a container's mount paths, and what is below them, to the directories. The longest path that fits decides. */
export function rewriteMounts(container: Container, volumes: ReadonlyMap<string, string>): Rewrite {
  const mounts = container.mounts.toSorted((a, b) => b.path.length - a.path.length);
  return (text) => {
    const mount = mounts.find(({ path }) => text === path || text.startsWith(`${path}/`));
    const directory = mount && volumes.get(mount.volume);
    return mount && directory ? `${directory}${text.slice(mount.path.length)}` : text;
  };
}
