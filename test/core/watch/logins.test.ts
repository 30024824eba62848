import { expect, it } from 'vitest';
import { loginsOf } from '../../../core/watch/logins.ts';
import { database, keyAsset } from '../status/states.ts';

const source = (secret: string) => ({ secret, postgresMajor: 16 });
const plan = {
  assets: [
    database({ id: 'a', source: source('a-dump'), restore: { secret: 'a-restore' } }),
    database({ id: 'b', source: source('a-dump') }),
    database({ id: 'c', source: source('k') }),
    keyAsset({ source: { secret: 'k' } }),
  ],
  notifications: [{ kind: 'slack' as const, secret: 'chat', send: 'all' as const }],
};

it('logins at home are all needed, each once, without the sources of keys', () => {
  expect(loginsOf(plan as never, 'vault')).toEqual(['a-dump', 'a-restore', 'chat'].map((secret) => ({ secret, isNeeded: true })));
});

it('logins of the second region are those of restores and messages; what only a restore needs may be made when its day comes', () => {
  expect(loginsOf(plan as never, 'replica')).toEqual([
    { secret: 'chat', isNeeded: true },
    { secret: 'a-restore', isNeeded: false },
    { secret: 'a-dump', isNeeded: false },
    { secret: 'k', isNeeded: false },
  ]);
});
