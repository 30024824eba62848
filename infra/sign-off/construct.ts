import type { Construct } from 'constructs';
import { approvalRoles } from '../../core/approval/roles.ts';
import { evidenceKey, evidenceKindPrefix, restorePaperKey, systemRestorePapersPrefix } from '../../core/vault/keys.ts';
import { FOLLOW_UPS } from '../../core/restore/result.ts';
import { signOffKey, tickPattern } from '../../core/sign-off/records.ts';
import { makeSignedFunction } from '../approval/signed-url.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** What people say of restores, beside one vault. It starts nothing and drops nothing: the restore machine does, which reads it again. */
export function makeSignOff(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const { requesters, approvers } = approvalRoles(system.plan, system.home, system.side);
  const records = [...['restore-result', ...FOLLOW_UPS].map((kind) => evidenceKey(name, kind, ANY_RUN)), signOffKey(name, ANY_RUN)];
  const words = [tickPattern(name, ANY_RUN), signOffKey(name, ANY_RUN)];
  makeSignedFunction(stack, {
    system,
    settings,
    handler: 'sign-off/take-word',
    description: 'takes what people say of restores, by signed calls',
    environment: { SYSTEM: name, VAULT_BUCKET: system.vaultBucket, REQUESTERS: requesters.join(','), APPROVERS: approvers.join(',') },
    statements: [
      listObjects('SeeRestores', vault, [
        ...records,
        ...FOLLOW_UPS.map((kind) => evidenceKindPrefix(name, '????', kind)),
        systemRestorePapersPrefix(name),
      ]),
      readObjects('ReadRestores', vault, [
        ...records,
        restorePaperKey(name, '*', ANY_RUN, 'ticked-*'),
        restorePaperKey(name, '*', ANY_RUN, 'quiesce-*'),
      ]),
      putObjects('WriteDownWhoSaysIt', vault, words),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}
