/** What a restore would do, said before anybody asks for it: nothing is started and nothing changed. */
import type { z } from 'zod';
import { approvalRule } from '../../core/approval/rule.ts';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { sayStops } from '../../core/quiesce/put-back.ts';
import { ASSUMED, priceHoldfast } from '../../core/prices/estimate.ts';
import type { RestoreInput } from '../../core/restore/contract.ts';
import { choosePoint, describeAsOf, readPointWish } from '../../core/restore/choose-point.ts';
import { describeFailedDrill } from '../../core/restore/failed-drill.ts';
import { describeSelected, type Selected } from '../../core/restore/describe-selected.ts';
import { describeNotRestorable } from '../../core/restore/missing-keys.ts';
import { sayOwners } from '../../core/restore/describe-left-out.ts';
import { findPointProblems } from '../../core/restore/point-problems.ts';
import { isWithoutOwners } from '../../core/restore/restore-login.ts';
import { replacesDatabase, type RestoreTarget } from '../../core/restore/target.ts';
import { suggestDatabaseName } from '../../core/restore/sql-names.ts';
import { summarizePoint } from '../../core/vault/summarize-point.ts';
import { chooseAsset } from '../assets.ts';
import { readDrills } from '../evidence/read-drills.ts';
import { judgeKeys, type JudgedKeys } from '../judge-keys.ts';
import { rolesOf } from '../requests/roles.ts';
import { openPoints } from '../points.ts';
import type { Context } from '../verb.ts';

type Request = z.input<typeof RestoreInput> & { asset: string; point: string };

/** How long it took before, and on what: a throwaway database is not the server of the source. */
type Time = { seconds: number; of: 'drill'; target: string; point: string };

export type Preview = {
  system: string;
  asset: string;
  target: RestoreTarget;
  /** Undefined where no point can be restored: `problems` says why. */
  point: string | undefined;
  dataUpTo: string | undefined;
  /** How far the data lies before the instant that was asked for; undefined where none was. */
  asOf: string | undefined;
  ageSeconds: number | undefined;
  storedBytes: number | undefined;
  databaseBytes: number | undefined;
  /** Of the server’s disk, as the plan names it; how much of it is free is looked at by the restore itself. */
  volumeGiB: number | undefined;
  provenAt: string | undefined;
  /** What the newest drill of the point found, where it failed. */
  failedDrill: string | undefined;
  /** What is taken of the point, where it is not all of it. */
  selected: Selected | undefined;
  database: string | undefined;
  /** Whose everything will be, where nothing gets its owner back. */
  owners: string | undefined;
  /** In this order. */
  steps: string[];
  stops: string[];
  /** `approvers`: ARNs of roles. */
  approvals: { needed: number; approvers: string[]; expirySeconds: number };
  times: Time[];
  /** Of the tasks of one restore, in USD. */
  priceUsd: number | undefined;
  gaps: string[];
  /** Why the content of the point may stay unreadable: keys that nobody could get back, or not of late. */
  notRestorable: string[];
  /** Of escrow. */
  notSeen: string[];
  /** What the restore itself looks at, and this did not. */
  notAsked: string;
  problems: string[];
};

const STEPS: Record<RestoreTarget, string[]> = {
  beside: ['restore into a new database beside the source; nothing that exists is touched'],
  'in-place': [
    'look for what stands in the way, before anything is touched',
    'make a safety backup of the database as it is; without it nothing is replaced',
    'restore beside, under a name of its own, and check it',
    'close the database to new connections, end its sessions, and swap the two by rename',
    'keep the old database, closed, until somebody signs off: `restore undo` puts it back',
  ],
  'drop-and-create': [
    'look for what stands in the way, before anything is touched',
    'make a safety backup of the database as it is; without it nothing is replaced',
    'end its sessions, drop it, create it anew and restore into it: until that is done there is no database',
    'check it',
  ],
  'clean-replay': [
    'look for what stands in the way, before anything is touched',
    'make a safety backup of the database as it is; without it nothing is replaced',
    'end its sessions and run the SQL of the dump in it, DROP statements first, in one transaction',
    'check it',
  ],
};

export async function previewRestore(context: Context, request: Request): Promise<Preview> {
  const plan = context.plan();
  const asset = chooseAsset(plan, 'postgres', request.asset, 'restore');
  const { target = 'beside', from = 'vault' } = request;
  const now = context.frame.now();
  const vault = await openPoints(context, from);
  const wish = readPointWish(request.point);
  const chosen = await choosePoint(wish, (await vault.catalog(asset.id)).points, from, {
    records: (point) => vault.records(asset.id, point),
    dataAt: async (point) => (await vault.records(asset.id, point)).manifest.consistentAt,
  });
  const records = 'point' in chosen ? await vault.records(asset.id, chosen.point) : undefined;
  const summary = records && summarizePoint(records.manifest, records.facts);
  const source = records?.manifest.source;
  const keys: JudgedKeys = records ? await judgeKeys(context, asset, records.manifest) : { problems: [], notes: [] };
  const drills = await vault.reading(() => readDrills(vault.reader, plan, now, undefined, [asset.id]));
  const rule = approvalRule(asset);
  const { schemaOnly, tables, exclude, noOwner, noPrivileges } = request;
  const selection = definedOf({ schemaOnly, tables, exclude, noOwner, noPrivileges });
  const verified = records?.facts.findLast((fact) => fact.kind === 'verified');
  const database =
    request.to ??
    (source && records && (replacesDatabase(target) ? source.database : suggestDatabaseName(source.database, records.manifest.point)));
  return {
    system: plan.system,
    asset: asset.id,
    target,
    point: records?.manifest.point,
    dataUpTo: records?.manifest.consistentAt,
    asOf: 'point' in chosen ? describeAsOf(wish, chosen)[0] : undefined,
    ageSeconds: records && Math.round((now.getTime() - Date.parse(records.manifest.consistentAt)) / 1000),
    storedBytes: summary?.sizeBytes,
    databaseBytes: source?.sizeBytes,
    volumeGiB: asset.restore?.volumeGiB,
    provenAt: summary?.provenAt,
    failedDrill: records && describeFailedDrill(records.manifest, records.facts),
    selected: describeSelected(selection, verified?.rows),
    database,
    owners: records && isWithoutOwners(asset, selection, records.manifest.dump.options) ? sayOwners(target) : undefined,
    steps: STEPS[target],
    stops: replacesDatabase(target) ? sayStops(asset.restore?.quiesce) : [],
    approvals: {
      needed: replacesDatabase(target) ? rule.needed : rule.beside,
      approvers: [...(await rolesOf(context, from)).approvers],
      expirySeconds: rule.expirySeconds,
    },
    times: timesOf(drills.get(asset.id) ?? []),
    priceUsd: source && priceOf(source.sizeBytes),
    gaps: [...asset.gaps, ...plan.gaps].map(({ id, what }) => `${id}: ${what}`),
    notRestorable: keys.problems.map(({ text }) => text),
    notSeen: keys.notes,
    notAsked: sayNotAsked(target, database, source?.database),
    problems: [
      ...keyProblems(keys, request),
      ...('problem' in chosen ? [chosen.problem] : []),
      ...(records ? findPointProblems(records.manifest, { target, selection, database: request.to }) : []),
    ],
  };
}

/** As the restore itself judges it: what was opened a year ago may open again, and is said. */
function keyProblems({ problems }: JudgedKeys, { withoutKeys }: Request): string[] {
  const missing = withoutKeys ? [] : problems.filter(({ mayOpen }) => !mayOpen).map(({ text }) => text);
  return missing.length === 0
    ? []
    : [
        `The point is ${describeNotRestorable(missing)}. With --without-keys it is restored all the same, and what they encrypted stays unreadable`,
      ];
}

/** The server is asked by the restore alone, whose login nobody else has. */
function sayNotAsked(target: RestoreTarget, database: string | undefined, source: string | undefined): string {
  const name = database === undefined ? 'the database' : `"${database}"`;
  if (replacesDatabase(target))
    return `the target server: whether ${name} is there and may be replaced, and what the login of the restore may do, is seen before anything is touched`;
  return `the target server: whether ${name} exists there already, which ends a restore beside${database !== undefined && database === source ? ' (the source is called so too)' : ''}, and what the login of the restore may do`;
}

const definedOf = (value: object) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));

const TIMES_SHOWN = 3;

const timesOf = (drills: readonly DrillEvidence[]): Time[] =>
  drills
    .flatMap(({ outcome, measured, point }) =>
      outcome === 'passed' && measured.rtoSeconds !== undefined && point !== undefined
        ? [{ seconds: measured.rtoSeconds, of: 'drill' as const, target: measured.target, point }]
        : [],
    )
    .slice(0, TIMES_SHOWN);

/** A restore is the work of a drill, on the target's own disk. */
function priceOf(databaseBytes: number): number | undefined {
  const seconds = priceHoldfast(databaseBytes / 1e9, 'existing', ASSUMED).lines.find(({ what }) => what === 'drill');
  return seconds?.usd;
}
