import { storedVersions } from '../../adapters/vault/read-records.ts';
import { CopyEnvironment } from '../../core/backup/contract.ts';
import { ObjectCreatedEvent, type FollowRecordAnswer } from '../../core/copy/contract.ts';
import { isOfBothVaults, selectMissing } from '../../core/copy/select-missing.ts';
import { pointPrefix } from '../../core/vault/keys.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';
import { handle } from '../edge.ts';
import { chooseCopyLock } from './choose-copy-lock.ts';
import { copyRecord } from './copy-record.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { selectFollowing } from './select-following.ts';

/** A record was written into the vault: it follows to the replica, unless the run that makes its point will copy it, data first. */
export async function followRecord(event: ObjectCreatedEvent, ports: CopyPorts): Promise<FollowRecordAnswer> {
  const { vault } = ports;
  const { bucket, object } = event.detail;
  if (bucket.name !== vault.bucket) return { followed: false, reason: `It is not of ${vault.bucket}` };
  const { key } = object;
  if (!isOfBothVaults(key)) return { followed: false, reason: 'It is of this vault alone' };
  if ((await selectFollowing([key], ports)).length === 0) return { followed: false, reason: 'It is a hold that was released since' };
  const owner = pointOfKey(key);
  if (owner) {
    const prefix = pointPrefix(owner.system, owner.asset, owner.point);
    const [here, there] = await Promise.all([keysBelow(vault, prefix), keysBelow(ports.replica, prefix)]);
    if (there.includes(key)) return { followed: false, reason: 'The replica has it' };
    if (!selectMissing(here, there).keys.includes(key))
      return { followed: false, reason: 'The point is not in the replica: what makes it copies this too, or it has expired there' };
  }
  await copyRecord(key, await chooseCopyLock(key, ports), ports);
  return { followed: true, reason: 'It is in the replica, and locked there' };
}

const keysBelow = async (bucket: CopyPorts['vault'], prefix: string) => (await storedVersions(bucket, prefix)).map(({ key }) => key);

export const handler = handle({ environment: CopyEnvironment, request: ObjectCreatedEvent, connect: connectCopy, run: followRecord });
