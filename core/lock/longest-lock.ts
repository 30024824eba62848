/** A lock as it is put on objects. */
export type Lock = { mode: 'governance' | 'compliance'; until: Date };

/** A lock is only ever extended, and compliance never weakened: of several the longest end holds, in the strictest mode. */
export function longestLock(locks: readonly { mode: Lock['mode']; until: Date | string }[]): Lock | undefined {
  const ends = locks.map(({ until }) => new Date(until).getTime());
  if (ends.length === 0) return undefined;
  return { mode: locks.some(({ mode }) => mode === 'compliance') ? 'compliance' : 'governance', until: new Date(Math.max(...ends)) };
}
