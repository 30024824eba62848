import { openBucket } from '../../adapters/s3/bucket.ts';
import { presignPage } from '../../adapters/s3/presign-object.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { replicaBucketName, vaultBucketName } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import { scheduledSlotId } from '../../core/vault/ids.ts';
import { isPlanPage, planPageKey, reportPageKey, reportPagesPrefix } from '../../core/vault/keys.ts';
import type { Connection, VaultPlace } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import type { Context } from '../verb.ts';

type PublishedPage = { key: string; versionId: string };
const LINK_SECONDS = 15 * 60;

export type PageOf = 'system' | 'agreement';
const KEYS = { system: reportPageKey, agreement: planPageKey } as const;
const FLAGS = { system: '', agreement: ' --agreement' } as const;

/** Pages in the vault of one place, or of the other. They say what evidence says, and are none: nobody signs them. */
export async function openPages(context: Context, plan: ProtectionPlan, connection: Connection, place: VaultPlace, of: PageOf) {
  const { frame } = context;
  const { region, account } = place === 'vault' ? plan.home : plan.replica;
  const at = { system: plan.system, account: account ?? connection.account, region };
  const bucket = place === 'vault' ? vaultBucketName(at) : replicaBucketName(at);
  const { reader, writer, client } = openBucket(bucket, connection.settings(region), frame.environment);
  return {
    bucket,
    /** Written once, as everything in the vault; the next one is another. */
    async publish(page: string): Promise<PublishedPage> {
      const key = KEYS[of](plan.system, scheduledSlotId(frame.now()));
      const { versionId } = await translated(`Writing the page s3://${bucket}/${key}`, connection.where, () => writer.putOnce(key, page));
      return { key, versionId };
    },
    /** Throws ObjectMissing. */
    newest: (): Promise<PublishedPage> =>
      translated(`Looking for a page in s3://${bucket}`, connection.where, async () => {
        const year = frame.now().getUTCFullYear();
        for (const each of [year, year - 1]) {
          // Of a page that somebody wrote over, the oldest version counts, which is listed last.
          const all = await storedVersions(reader, reportPagesPrefix(plan.system, String(each)));
          const versions = all.filter(({ key }) => isPlanPage(key) === (of === 'agreement'));
          const last = versions.at(-1);
          const first = last && versions.findLast(({ key }) => key === last.key);
          if (first) return { key: first.key, versionId: first.versionId };
        }
        throw new ObjectMissing(
          `A published page in the ${place} s3://${bucket}: \`npx holdfast report${FLAGS[of]} --publish\` writes one`,
        );
      }),
    link: ({ key, versionId }: PublishedPage): Promise<string> => presignPage(client, bucket, { key, versionId, seconds: LINK_SECONDS }),
  };
}
