import { z } from 'zod';
import { openBucket } from '../adapters/s3/bucket.ts';
import { adviseLost, explainLost, explainOthers } from '../core/vault/explain-lost.ts';
import { escrowBucketName } from '../core/names.ts';
import type { Colour } from '../core/status/colour.ts';
import { systemColour } from '../core/status/colour.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { explainFinding, FOR_OWNERS, headingOf, nextStep, type Finding } from '../core/watch/finding.ts';
import { watchedAssets, type WatchedAsset } from '../core/watch/watched.ts';
import { watchSystem } from '../core/watch/watch-system.ts';
import { isFresh, type KeyWatchRecord } from '../core/watch/key-record.ts';
import { instantText } from '../core/quantities.ts';
import type { Paint } from './output/paint.ts';
import { postgresAssets } from './assets.ts';
import type { VaultPlace } from './connection.ts';
import type { EscrowMark } from './escrow-strays.ts';
import { findLeftKeys, findMarks, findWithoutValue, type NotSeen } from './look-into-escrow.ts';
import { FromPlace } from './place.ts';
import { explainMarks, type PointMark } from '../core/vault/explain-marks.ts';
import { FROM_OPTION, openPoints, type Vault } from './points.ts';
import { readReviewOf, reviewDue } from './review/read-review.ts';
import { defineVerb } from './verb.ts';

type AssetStatus = {
  asset: string;
  colour: Colour;
  /** Why it has this colour, worst first; what is somebody's to put right is among the findings too. */
  reasons: string[];
  findings: {
    kind: Finding['kind'] | 'point-lost' | PointMark['kind'] | EscrowMark['kind'];
    text: string;
    next: string;
    runbook: string;
    since: string | undefined;
  }[];
  /** Commands for the owner of the plan: no failure, and not for whoever is on call. */
  forOwners: string[];
  /** What there is to know, and nothing to do about. */
  notes: string[];
};

/** A colour goes by records alone: whoever reads them may not ask KMS, and is told what the key watch saw. */
function notLookedAt(keyWatch: KeyWatchRecord | undefined, now: Date): string {
  const audited = 'settings and policies (npx holdfast audit)';
  if (keyWatch === undefined)
    return `Not looked at: whether KMS keys are disabled or about to be deleted (npx holdfast doctor), ${audited}`;
  const seen = instantText(keyWatch.at);
  return isFresh(keyWatch, now)
    ? `KMS keys and sources are as they were at ${seen}: a look that finds the same writes nothing. Not looked at: ${audited}`
    : `KMS keys and sources were last seen at ${seen}: nobody has looked since (docs/runbook.md, The keys are not watched). Not looked at: ${audited}`;
}

const STYLES = { red: 'red', 'no data': 'grey', amber: 'yellow', green: 'green' } as const;

export const status = defineVerb({
  name: 'status',
  summary: 'Say of each asset what is not as the plan says, as the watcher of that region sees it, and what to do',
  positionals: [],
  options: [FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast status', 'npx holdfast status --from replica --output json'],
  exits: ['ProblemsFound', 'NotDeployed', 'AwsUnreachable', 'AwsLoginMissing', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({ from: FromPlace }),
  async run(context, { from: side }) {
    const plan = context.plan();
    const points = await openPoints(context, side);
    const connection = await context.connect();
    const { region, account } = side === 'vault' ? plan.home : plan.replica;
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader: escrow } = openBucket(bucket, connection.settings(region), context.frame.environment);
    const review = await readReviewOf(context, points, side);
    const ports = { system: plan.system, side, vault: points.reader, escrow, reviewDue: reviewDue(review.state) };
    const at = context.frame.now();
    const { findings, status: judged, keyWatch } = await points.reading(() => watchSystem(wholeAssets(plan, side), ports, at));
    const listed = new Map<string, AssetStatus['findings']>();
    for (const { id } of postgresAssets(plan)) listed.set(id, await listedOf(points, id, side));
    const keys = plan.assets.flatMap(({ id, kind }) => (kind === 'key' ? [id] : []));
    const look = { escrow, system: plan.system, region, now: at };
    const notes = new Map<string, string[]>();
    for (const key of keys) {
      listed.set(key, findingsInEscrow(await points.reading(() => findMarks(look, key))));
      notes.set(key, await points.reading(() => findWithoutValue(look, key)));
    }
    const { left, notSeen } = await points.reading(() => findLeftKeys(look, keys));
    const assets = plan.assets.map(({ id: asset }): AssetStatus => {
      const own = findings.filter((finding) => finding.asset === asset).map((finding) => tell(finding, side));
      const { colour, reasons } = judged.assets[asset] ?? { colour: 'no data', reasons: [] };
      const others = listed.get(asset) ?? [];
      const told = {
        reasons: reasons.map(({ text }) => text),
        findings: [...others, ...withoutTwice(own, others)],
        forOwners: [...new Set(reasons.flatMap(({ code }) => FOR_OWNERS[code] ?? []))],
      };
      return { asset, colour, ...told, notes: notes.get(asset) ?? [] };
    });
    const colour = systemColour(Object.values(judged.assets), plan.gaps.length);
    return {
      data: {
        system: plan.system,
        from: side,
        at: at.toISOString(),
        colour,
        assets,
        leftKeys: left,
        notSeen,
        notes: review.notes,
        keysSeenAt: keyWatch?.at,
      },
      text: (paint) =>
        [
          ...assets.map((one) => render(one, paint)),
          ...left.map(({ text, lost }) => paint(lost.length > 0 ? 'red' : 'dim', text)),
          ...notSeen.map(({ text, next }) => `${paint('red', text)}\n  do next: ${next}`),
          ...review.notes.map((note) => paint('yellow', note)),
          paint('dim', notLookedAt(keyWatch, at)),
        ].join('\n\n'),
      exit:
        assets.some((one) => one.findings.length > 0) || left.some(({ lost }) => lost.length > 0) || notSeen.length > 0
          ? 'ProblemsFound'
          : undefined,
    };
  },
});

/** The watcher is told of those gaps alone that move a limit; a colour is of all of them, as it is in a list. */
const wholeAssets = (plan: ProtectionPlan, side: VaultPlace): WatchedAsset[] =>
  watchedAssets(plan.assets, side).map((asset) => ({ ...asset, gaps: plan.assets.find(({ id }) => id === asset.id)?.gaps ?? asset.gaps }));

/** The watcher, which looks at the newest months alone, does not follow the chain. */
async function listedOf(vault: Vault, asset: string, side: VaultPlace): Promise<AssetStatus['findings']> {
  const catalog = await vault.catalog(asset);
  const lost = await vault.lost(asset, catalog);
  const marks = catalog.points.flatMap((point) => explainMarks(asset, point, side));
  const told = lost.points.map((one) => ({ text: explainLost(asset, one, side), next: adviseLost(asset, one, side) }));
  const others = explainOthers(lost.others, side).map((text) => ({ text, next: 'Compare with the replica' }));
  return [
    ...[...told, ...others].map((one) => ({ kind: 'point-lost' as const, ...one, runbook: 'PointMissing', since: undefined })),
    ...marks.map((mark) => ({ ...mark, runbook: 'Evidence problems', since: undefined })),
  ];
}

/** The watcher lists the newest months alone. */
const findingsInEscrow = (marks: EscrowMark[] | NotSeen): AssetStatus['findings'] =>
  'text' in marks
    ? [{ kind: 'not-seen', ...marks, runbook: 'The watcher cannot see', since: undefined }]
    : marks.map((mark) => ({ ...mark, runbook: 'The audit found something', since: undefined }));

/** What the watcher says of a key that it cannot see is said once, by the look that names the right. */
const withoutTwice = (own: AssetStatus['findings'], ofEscrow: AssetStatus['findings']): AssetStatus['findings'] =>
  ofEscrow.some(({ kind }) => kind === 'not-seen') ? own.filter(({ kind }) => kind !== 'not-seen') : own;

const tell = (finding: Finding, side: 'vault' | 'replica') => ({
  kind: finding.kind,
  text: explainFinding(finding),
  next: nextStep(finding, side),
  runbook: headingOf(finding),
  since: 'since' in finding ? finding.since : undefined,
});

function render({ asset, colour, reasons, findings, forOwners, notes }: AssetStatus, paint: Paint): string {
  const why = reasons.filter((reason) => !findings.some(({ text }) => text.endsWith(reason)));
  const head = [
    `${paint('bold', asset)} ${paint(STYLES[colour], colour)}`,
    ...[...why, ...notes].map((one) => `  ${paint('dim', one)}`),
  ].join('\n');
  const ofOwners = forOwners.map((command) => `  for the owner of the plan: ${command}`);
  if (findings.length === 0 && forOwners.length === 0) return `${head}\n  nothing to do`;
  return [
    head,
    ...ofOwners,
    ...findings.flatMap(({ text, next, runbook, since }) => [
      `  ${text}${since === undefined ? '' : paint('dim', ` (since ${since})`)}`,
      `    do next: ${next} ${paint('dim', `(docs/runbook.md, ${runbook})`)}`,
    ]),
  ].join('\n');
}
