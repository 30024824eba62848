import { describe, expect, test } from 'vitest';
import type { KeyVersion } from '../../../core/escrow/contract.ts';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { selectSettled, selectVersions } from '../../../core/escrow/select-versions.ts';

const run = '20261121T020000Z-abc123';
const version = (secretVersion: string, label: KeyVersion['label'] = 'old'): KeyVersion => ({ key: 'key', secretVersion, run, label });
const settled = (names: readonly string[]) => (one: KeyVersion) => names.includes(one.secretVersion);
const ids = (versions: readonly KeyVersion[]) => versions.map(({ secretVersion }) => secretVersion);

describe('the versions of one run', () => {
  test('are all of them, in their order, where they fit', () => {
    const listed = [version('a', 'current'), version('b'), version('c', 'pending')];
    expect(selectVersions(listed, settled(['b']), run, 3)).toEqual({ versions: listed, later: 0 });
  });

  test('are first what is in use and what could not be listed, then what is not settled; what waits is counted', () => {
    const problem = { key: 'gone', secretVersion: '', run, problem: { reason: 'secret-missing' as const, message: 'm' } };
    const listed = [version('s1'), version('n1'), version('s2'), problem, version('c', 'current'), version('n2')];
    const isSettled = settled(['s1', 's2', 'c']);
    expect(ids(selectVersions(listed, isSettled, run, 2).versions)).toEqual(['', 'c']);
    expect(selectVersions(listed, isSettled, run, 2).later).toBe(2);
    expect(selectVersions(listed, isSettled, run, 3)).toMatchObject({ later: 1 });
    const five = selectVersions(listed, isSettled, run, 5);
    expect(ids(five.versions)).toEqual(expect.arrayContaining(['n1', '', 'c', 'n2']));
    expect(five).toMatchObject({ later: 0 });
  });

  test('are others in each run, so that those that fail every time leave the rest a turn', () => {
    const listed = Array.from({ length: 60 }, (_, i) => version(`v${i}`));
    const taken = new Set<string>();
    for (let day = 1; day <= 28; day++) {
      const { versions, later } = selectVersions(listed, () => false, `202611${String(day).padStart(2, '0')}T020000Z-abc123`, 20);
      expect([versions.length, later]).toEqual([20, 40]);
      for (const id of ids(versions)) taken.add(id);
    }
    expect(taken.size).toBe(60);
  });
});

test('a version is settled when every region that was looked at has an envelope of it that opened, or was not tried', () => {
  const states = (...files: string[]) =>
    readKeyStates(
      files.map((file) => `ida/key/aa/${file}`),
      'ida',
      'key',
      new Date('2026-12-01T00:00:00Z'),
    );
  const whole = ['envelope-0123456789abcdef', 'version-v.json'];
  const lost = [...whole, 'readback-20261120T000000Z-abcdef.json', 'lost-20261121T000000Z-abcdef.json'];
  expect([...selectSettled([states(...whole), states(...whole)])]).toEqual(['v']);
  expect([...selectSettled([states(...whole)])]).toEqual(['v']);
  expect([...selectSettled([states(...whole, 'version-w.json'), states(...whole)])]).toEqual(['v']);
  for (const other of [states('version-v.json'), states('envelope'), states(...lost)]) {
    expect([...selectSettled([states(...whole), other])]).toEqual([]);
    expect([...selectSettled([other, states(...whole)])]).toEqual([]);
  }
  expect([...selectSettled([])]).toEqual([]);
});
