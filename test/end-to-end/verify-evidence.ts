/** Everything that the deployed machines left, downloaded with every byte, and verified by the keys that KMS gives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openCopy } from '../../adapters/directory/open-copy.ts';
import { writeCopy } from '../../adapters/directory/write-copy.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { readPublicKeys } from '../../core/evidence/public-key.ts';
import { verifyVault } from '../../core/evidence/verify/verify-vault.ts';
import { keyAlias } from '../../core/names.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

/** What is not signed by then never will be. */
const LATER_MILLISECONDS = 3 * 86_400_000;

export async function verifyEvidenceOf({ plan, place, replicaPlace, vault, replica }: DeployedSystem): Promise<void> {
  // Each region signs what is written there with a key of its own.
  const regions = [rootSettings(place, plan.home.region), rootSettings(replicaPlace, plan.replica.region)];
  const pems = await Promise.all(regions.map((settings) => kmsSigner(keyAlias(plan.system, 'evidence'), settings).publicKeyPem()));
  const publicKeys = readPublicKeys(pems.join('\n'))!;
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-evidence-'));
  const { signal } = new AbortController();
  try {
    for (const reader of [vault, replica]) {
      const copy = join(directory, reader.bucket);
      const prefixes = ['catalog/', 'chain/', 'data/', 'evidence/'];
      await writeCopy({ reader, directory: copy, prefixes, isWanted: () => true, onStored: () => undefined, signal });
      const opened = await openCopy(copy);
      const now = new Date(Date.now() + LATER_MILLISECONDS);
      const request = { ...opened, publicKeys, asset: undefined, known: [], readsBytes: true, earlier: [], now, signal };
      const { problems, notes, assets, signatures } = await verifyVault({ ...request, onProgress: () => undefined });
      expect({ problems, notes }, reader.bucket).toEqual({ problems: [], notes: [] });
      expect(assets.map(({ asset, points, links }) => [asset, points > 0, points === links])).toEqual([
        ['plain', true, true],
        ['postgres', true, true],
      ]);
      expect(signatures).toBeGreaterThan(8);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
