/** What the restore machine, its functions and its task say to one another. */
import * as z from 'zod';
import { VaultSide } from '../vault/side.ts';
import { RestoreSelection } from './selection.ts';
import { Resumed } from './result.ts';
import { RestoreAction, RestoreTarget, TaskPhase } from './target.ts';

/**
 * Input of the machine. `point`: an id, an instant (the newest point whose data is not newer), `latest` (newest verified) or `latest-proven`,
 * which is meant when it is absent; `to`: name of the new database, made up when absent, or of the database that is replaced, the
 * source's own when absent; `from`, where it is given, is what the machine restores from: each region's own reads the vault that is
 * there. `system` is the machine's own.
 */
export const RestoreInput = z.strictObject({
  system: z.string().optional(),
  asset: z.string(),
  point: z.string().optional(),
  from: VaultSide.optional(),
  target: RestoreTarget.optional(),
  to: z.string().optional(),
  /** Accepts a point whose keys nobody could get back: what they encrypted stays unreadable. */
  withoutKeys: z.boolean().optional(),
  ...RestoreSelection.shape,
});

/** Instead of a restore: what becomes of the database that an earlier one, the run, has kept. */
export const FollowUpInput = z.union([z.strictObject({ undo: z.string() }), z.strictObject({ finish: z.string() })]);

/** Puts back by hand what a restore, the run, has stopped and could not put back itself. */
export const ResumeInput = z.strictObject({ resume: z.string(), asset: z.string() });

/** What the plan asks of restores of an asset, as the machine's definition has it: only what is so stands there. */
export const RestoreTerms = z.object({
  quiesce: z.boolean().default(false),
  validate: z.boolean().default(false),
  /** Owners and grants are left out, whether or not somebody asks for that. */
  noOwner: z.boolean().default(false),
  noPrivileges: z.boolean().default(false),
});
export type RestoreTerms = z.input<typeof RestoreTerms>;

export const CheckRequestRequest = z.object({
  input: z.unknown(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  /** By asset. */
  terms: z.record(z.string(), RestoreTerms).default({}),
});
export const CheckRequestAnswer = z.discriminatedUnion('accepted', [
  z.object({
    accepted: z.literal(true),
    system: z.string(),
    action: RestoreAction,
    asset: z.string(),
    point: z.string(),
    run: z.string(),
    target: RestoreTarget,
    /** The new one, or that which is replaced. */
    database: z.string(),
    selection: RestoreSelection,
    /** Of `undo` and `finish`: the run whose kept database it is; empty otherwise. */
    of: z.string(),
    /** Whether the plan has something to stop meanwhile. */
    quiesce: z.boolean(),
    /** Whether the plan has checks of a restored database. */
    validate: z.boolean(),
    /** Of a `finish`: the record to keep, and whether a database is dropped for it. */
    signOff: z.object({ evidence: z.string(), signature: z.string(), drops: z.boolean() }).optional(),
    /** What is to be known of the point before it is relied on; it does not keep the restore from starting. */
    remarks: z.array(z.string()).optional(),
    /** What else is asked, a sentence each, for whoever is to agree to it. */
    details: z.array(z.string()).optional(),
  }),
  z.object({ accepted: z.literal(false), problems: z.array(z.string()), message: z.string() }),
]);
export const CheckRequestEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  FROM: VaultSide,
  ASSETS: z.string(),
  /** Of this region: what is in escrow there is listed, and nothing of it read. */
  ESCROW_BUCKET: z.string(),
  /** JSON of KeyNeeds (key-needs.ts). */
  NEEDS: z.string(),
});

/** `since`: when the data was first asked for, as it was answered before; empty at first. */
export const RetrieveRequest = z.object({ asset: z.string(), point: z.string(), since: z.string() });
/** `seconds`: waited so far. `waitSeconds`: until the next look. */
export const RetrieveAnswer = z.object({ ready: z.boolean(), since: z.string(), seconds: z.number(), waitSeconds: z.number() });
export const RetrieveEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

/** `isSaved`: an earlier run came so far that there is nothing left to save. `safety`: the point that it saved, where that is known. */
export const FindSafetyRequest = z.object({ asset: z.string(), run: z.string() });
export const FindSafetyAnswer = z.object({ isSaved: z.boolean(), safety: z.string() });
export const FindSafetyEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

export const WriteResultRequest = z.object({
  action: RestoreAction.exclude(['resume']),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  target: RestoreTarget,
  database: z.string(),
  selection: RestoreSelection.default({}),
  of: z.string(),
  /** Point of the safety backup; empty when there was none. */
  safety: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  times: z.record(z.string(), z.number()).default({}),
  /** What became of what was stopped; absent where nothing was. */
  resumed: Resumed.optional(),
  /** JSON of what the plan leaves to people (LeftToPeople); empty where it leaves nothing. */
  manual: z.string().default(''),
  /** With what the run will end, although the point stands where it was to go; empty when nothing has failed. */
  failed: z
    .object({ failure: z.string(), message: z.string(), step: z.string().default('') })
    .default({ failure: '', message: '', step: '' }),
  /** False: it did not come through, and the record says how it failed. */
  stands: z.boolean().default(true),
  /** What opening a database again after the failure could not find out or do; empty when nothing. */
  settled: z.string().default(''),
  /** Nothing is written: asked is only whether a database was kept. */
  look: z.boolean().default(false),
});
/** Keys of the evidence and of its signature-to-be; `kept`: the old database, where it stands under another name. */
export const WriteResultAnswer = z.object({ evidence: z.string(), signature: z.string(), kept: z.string() });
export const WriteResultEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

export const RestoreEnvironment = z.object({
  SYSTEM: z.string(),
  ASSET_PLAN: z.string(),
  /** The vault of this region, which the point is read from and the result written to. */
  VAULT_BUCKET: z.string(),
  /** Which of the two vaults that is. */
  FROM: VaultSide,
  PHASE: TaskPhase.default('restore'),
  TARGET: RestoreTarget.default('beside'),
  POINT: z.string(),
  DATABASE: z.string(),
  /** A RestoreSelection as JSON; everything when absent. */
  SELECTION: z.string().optional(),
  RUN: z.string(),
  /** Of `undo`, what settles it, and `finish`: the run whose kept database it is; empty otherwise. */
  OF: z.string().default(''),
  /** Of `replace`: the point of the safety backup. */
  SAFETY: z.string().default(''),
  TRY: z.string(),
});
