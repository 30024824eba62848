/** What `evidence verify` finds in the golden vaults: what was done to them on purpose, and nothing else, in this release and every later one. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCopy } from '../../adapters/directory/open-copy.ts';
import { readPublicKeys } from '../../core/evidence/public-key.ts';
import { verifyVault } from '../../core/evidence/verify/verify-vault.ts';

const publicKeys = readPublicKeys(readFileSync(new URL('vault-v1/evidence-key.pem', import.meta.url), 'utf8'))!;
const LATER = new Date('2036-01-01T00:00:00Z');

const verifyGolden = async (name: string) => {
  const { copy, system } = await openCopy(fileURLToPath(new URL(name, import.meta.url)));
  const { signal } = new AbortController();
  const request = { copy, system, publicKeys, asset: undefined, known: [], readsBytes: true, earlier: [], now: LATER, signal };
  return verifyVault({ ...request, onProgress: () => undefined });
};

describe('version 1: signed manifests and verdicts, links of version 1, unsigned facts', () => {
  it('has the one manifest that somebody wrote over and hid, and no other problem', async () => {
    const { problems, notes, assets, signatures, evidence, unsignedByDesign } = await verifyGolden('vault-v1');
    const hidden = 'catalog/golden/postgres/20261119T011500Z/manifest.json';
    expect(problems.map(({ kind, key }) => [kind, key])).toEqual([
      ['record-overwritten', hidden],
      ['record-hidden', hidden],
    ]);
    expect({ signatures, evidence, unsignedByDesign }).toEqual({ signatures: 5, evidence: 4, unsignedByDesign: 11 });
    expect(notes).toHaveLength(1);
    expect(assets).toMatchObject([
      { asset: 'plain', points: 1, links: 1, objects: 4 },
      { asset: 'postgres', points: 2, links: 2, objects: 6 },
    ]);
  });
});

describe('manifest version 2: segmented points that two tasks wrote, without signatures and links', () => {
  it('has every object, byte for byte, and nobody that vouches for the points', async () => {
    const { verdict, problems, assets } = await verifyGolden('vault-v2');
    expect(verdict).toBe('unvouched');
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['signature-missing', 'point-unlinked']));
    expect(problems).toHaveLength(4);
    expect(assets).toMatchObject([
      { asset: 'gzip', points: 1, objects: 15 },
      { asset: 'zstd', points: 1, objects: 15 },
    ]);
  });
});
