/** What S3 does to objects of a bucket by itself. A bucket's policy does not bind it, its locks do. */
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ColdClass } from '../../core/plan/schema-parts.ts';
import { STORAGE_CLASSES } from '../../core/prices/storage-classes.ts';
import { COLD_TAG } from '../../core/retention/cold.ts';
import { systemRestorePapersPrefix } from '../../core/vault/keys.ts';
import { approvalPapersPrefix } from '../../core/approval/records.ts';
import type { System } from '../system.ts';

/** What is left of an upload that was killed is gone after this many days; the longest upload takes hours. */
const UNFINISHED_UPLOAD_DAYS = 3;
/** Working papers are read by the run that wrote them; evidence says what became of it. Long enough to look into a run that somebody asks about. */
const WORKING_PAPER_DAYS = 90;

type Rule = CfnBucket.RuleProperty & { id: string };

const END_UPLOADS: Rule = {
  id: 'EndUnfinishedUploads',
  status: 'Enabled',
  abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
};

/** Of buckets that hold no points. */
export const plainLifecycle = (): Rule[] => [END_UPLOADS];

/** Of a vault: its working papers go, and data that has the tag moves. Records have no tag, and no rule reaches them. */
export function vaultLifecycle(system: System): Rule[] {
  const asked = system.postgresAssets.flatMap(({ retention }) => retention.cold?.class ?? []);
  const classes = (Object.keys(STORAGE_CLASSES) as ColdClass[]).filter((one) => asked.includes(one));
  return [
    END_UPLOADS,
    expireBelow('ExpireWorkingPapers', `retention/${system.name}/`),
    expireBelow('ExpireApprovalPapers', approvalPapersPrefix(system.name)),
    expireBelow('ExpireWorkingPapersOfRestores', systemRestorePapersPrefix(system.name)),
    ...classes.map((one): Rule => {
      const { name, earliestDays } = STORAGE_CLASSES[one];
      return {
        id: `MoveTo-${one}`,
        status: 'Enabled',
        prefix: `data/${system.name}/`,
        tagFilters: [{ key: COLD_TAG, value: one }],
        // Old enough is what has the tag; the class itself may ask for more.
        transitions: [{ storageClass: name, transitionInDays: earliestDays }],
      };
    }),
  ];
}

const expireBelow = (id: string, prefix: string): Rule => ({
  id,
  status: 'Enabled',
  prefix,
  expirationInDays: WORKING_PAPER_DAYS,
  // What an expiration leaves in a bucket with versions.
  noncurrentVersionExpiration: { noncurrentDays: 1 },
});
