import type { Construct } from 'constructs';
import { publicKeyKey, signatureKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, useKey, vaultOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** The only function that signs. What it signs it can neither write nor change. */
export function makeEvidence(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  const prefixes = ['catalog', 'chain', 'evidence'].map((prefix) => `${prefix}/${system.name}/`);
  const signed = prefixes.map((prefix) => `${prefix}*.json`);
  const publicKeys = publicKeyKey(system.name, '*');
  makeFunction(stack, {
    system,
    settings,
    handler: 'evidence/sign-objects',
    description: 'signs manifests, links, facts and evidence',
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, SIGNING_KEY_ALIAS: system.keyAlias('evidence') },
    statements: [
      listObjects('SeeWhatToSign', vault, prefixes),
      readObjects('ReadWhatToSign', vault, [...signed, publicKeys]),
      putObjects('PutSignatures', vault, [...signed.map(signatureKey), publicKeys]),
      useKey('Sign', system, system.home, 'evidence', ['kms:Sign', 'kms:GetPublicKey']),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}
