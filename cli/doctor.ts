import { z } from 'zod';
import { grantStatements } from '../core/doctor/grants.ts';
import { judgeDatabase } from '../core/doctor/judge.ts';
import { decideVerdict, type Verdict } from '../core/doctor/verdict.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { checkPlan } from '../core/plan/check.ts';
import { renderFinding } from '../core/plan/finding.ts';
import type { Finding } from '../core/plan/finding.ts';
import type { PostgresAsset } from '../core/plan/schema.ts';
import { quoteIdentifier } from '../core/restore/sql-names.ts';
import { chooseAsset, postgresAssets } from './assets.ts';
import type { Connection } from './connection.ts';
import type { LookedAt } from './doctor/look-at-database.ts';
import type { Paint } from './output/paint.ts';
import { bytesText } from '../core/quantities.ts';
import { defineVerb } from './verb.ts';
import type { Answer, Context } from './verb.ts';

/** One thing that was looked at, and what is to be said of it. Nothing to say is good. */
type Examined = { what: string; seen: string; findings: Finding[] };

export const doctor = defineVerb({
  name: 'doctor',
  summary: 'Look at plan, deployment and databases, and say what would keep a backup from being made or restored',
  positionals: [{ name: 'asset', help: 'the database asset (all of the plan when left out)', isRequired: false }],
  options: [
    { flags: '--grants', help: 'print the least SQL that lets the role of the secret dump this very database; nothing is run' },
    { flags: '--role <name>', help: 'judge and print for this role, which need not exist yet (default: the one of the secret)' },
    { flags: '--explicit', help: 'with --grants: schema by schema, in place of pg_read_all_data' },
  ],
  isRemote: true,
  examples: [
    'npx holdfast doctor',
    'npx holdfast doctor postgres --grants > grants.sql',
    'npx holdfast doctor --grants --role holdfast_dump --explicit',
    'npx holdfast doctor --output json',
  ],
  exits: [
    'ProblemsFound',
    'BadInput',
    'SourceUnreachable',
    'SourceLoginRefused',
    'SourceTlsFailed',
    'NotDeployed',
    'AwsUnreachable',
    'AwsLoginMissing',
  ],
  input: z
    .strictObject({
      asset: z.string().optional(),
      grants: z.boolean().default(false),
      role: z.string().min(1).optional(),
      explicit: z.boolean().default(false),
    })
    .superRefine(({ grants, explicit }, problems) => {
      if (explicit && !grants) problems.addIssue({ code: 'custom', path: ['explicit'], message: 'goes with --grants' });
    }),
  async run(context, { asset: id, grants, role, explicit }) {
    const plan = context.plan();
    const assets = id === undefined ? postgresAssets(plan) : [chooseAsset(plan, 'postgres', id, 'doctor')];
    const connection = await context.connect();
    const { lookAtDatabase } = await import('./doctor/look-at-database.ts');
    const look = (asset: PostgresAsset) =>
      lookAtDatabase({ asset, region: plan.home.region, connection, environment: context.frame.environment, role });
    return grants ? grantsOf(assets, look, explicit) : examine(context, connection, assets, look);
  },
});

/** A name may hold anything, and a line break would end the comment. */
const inComment = (name: string) => quoteIdentifier(name).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

type Look = (asset: PostgresAsset) => Promise<LookedAt>;

async function grantsOf(assets: readonly PostgresAsset[], look: Look, explicit: boolean): Promise<Answer> {
  const printed: { asset: string; database: string; role: string; statements: string[] }[] = [];
  for (const asset of assets) {
    const { facts } = await look(asset);
    printed.push({
      asset: asset.id,
      database: facts.database.name,
      role: facts.reader.name,
      statements: grantStatements(facts, { explicit }),
    });
  }
  return {
    data: { grants: printed },
    text: () =>
      printed
        .map(({ asset, database, role, statements }) =>
          [
            `-- ${asset}: what the role ${inComment(role)} still needs to dump the database ${inComment(database)}. Read it, then run it there as its administrator.`,
            ...(statements.length === 0 ? ['-- Nothing: it may read everything that a dump reads.'] : statements),
          ].join('\n'),
        )
        .join('\n\n'),
  };
}

async function examine(context: Context, connection: Connection, assets: readonly PostgresAsset[], look: Look): Promise<Answer> {
  const plan = context.plan();
  const planFindings = checkPlan(plan, context.frame.now()).filter((finding) => finding.severity !== 'gap');
  const examined: Examined[] = [{ what: 'plan', seen: context.planFile(), findings: planFindings }];
  const { lookAtDeployment } = await import('./doctor/look-at-deployment.ts');
  for (const part of await lookAtDeployment(plan, connection, context.frame.environment)) examined.push(part);
  for (const asset of assets) examined.push(await examineDatabase(asset, look));
  const { lookAtRecovery } = await import('./doctor/look-at-recovery.ts');
  examined.push(...(await lookAtRecovery(context, assets)));
  const { sentence, ...verdict } = decideVerdict(examined.flatMap(({ findings }) => findings));
  return {
    data: { system: plan.system, where: connection.where, ...verdict, examined },
    text: (paint) => [...examined.map((one) => render(one, paint)), '', paint(colourOf(verdict), sentence)].join('\n'),
    exit: verdict.isReady ? 'Done' : 'ProblemsFound',
  };
}

/** A database that cannot be looked at is a finding like others: the rest is examined all the same. */
async function examineDatabase(asset: PostgresAsset, look: Look): Promise<Examined> {
  const what = `database ${asset.id}`;
  try {
    const { facts, at } = await look(asset);
    const seen = `${at}, PostgreSQL ${facts.server.version}, ${bytesText(facts.database.sizeBytes)}, as ${facts.reader.name}`;
    return { what, seen, findings: judgeDatabase(facts, asset) };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return {
      what,
      seen: 'not seen',
      findings: [{ severity: 'error', path: asset.source.secret, value: error.failure, problem: error.message, fix: error.advice }],
    };
  }
}

function render({ what, seen, findings }: Examined, paint: Paint): string {
  const worst = findings.some(({ severity }) => severity === 'error')
    ? paint('red', 'error  ')
    : findings.length > 0
      ? paint('yellow', 'warning')
      : paint('green', 'good   ');
  const details = findings.flatMap((finding) => renderFinding(finding).split('\n')).map((line) => `          ${line}`);
  return [`${worst}  ${what}: ${seen}`, ...details].join('\n');
}

const colourOf = ({ errors, warnings }: Pick<Verdict, 'errors' | 'warnings'>) => (errors > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green');
