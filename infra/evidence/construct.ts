import type { Construct } from 'constructs';
import { evidenceKey, manifestKey, signatureKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, useKey, vaultOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** The only function that signs. What it signs it can neither write nor change. */
export function makeEvidence(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  const signed = [manifestKey(system.name, '*', '*'), evidenceKey(system.name, '*', '*')];
  const signatures = signed.map(signatureKey);
  makeFunction(stack, {
    system,
    settings,
    handler: 'evidence/sign-objects',
    description: 'signs manifests and evidence',
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, SIGNING_KEY_ALIAS: system.keyAlias('evidence') },
    statements: [
      listObjects('SeeWhatToSign', vault, [`catalog/${system.name}/`, `evidence/${system.name}/`]),
      readObjects('ReadWhatToSign', vault, [...signed, ...signatures]),
      putObjects('PutSignatures', vault, signatures),
      useKey('Sign', system, system.home, 'evidence', ['kms:Sign', 'kms:GetPublicKey']),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}
