/**
 * A plan with fields missing or misshapen, made whole by stand-ins, so that what else is wrong with it can be seen. Pure.
 *
 * What a rule then says may be said of a stand-in. So there are two sets of them that have no value in common: what is found with
 * both, in the same words, and not of a field that was stood in for, is found of what the file says.
 */
import { formatPath } from './path.ts';
import { ProtectionPlan } from './schema.ts';

/** Making something whole can show what else is not: a kind, once known, has fields that are required. */
const MOST_ROUNDS = 6;

type Path = readonly PropertyKey[];
export type Repaired = { plan: ProtectionPlan; isStoodIn: (path: string) => boolean };

/** Undefined when the file is too far from a plan. */
export function repairPlan(data: unknown, variant: 1 | 2): Repaired | undefined {
  const draft = structuredClone(data);
  if (!isRecord(draft)) return undefined;
  const paths: Path[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const parsed = ProtectionPlan.safeParse(draft);
    if (parsed.success) {
      const stoodIn = paths.map((path) => formatPath(path, draft));
      return {
        plan: parsed.data,
        isStoodIn: (path) => stoodIn.some((of) => path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`)),
      };
    }
    for (const { issue, path } of parsed.error.issues.map((found) => ({ issue: found, path: found.path }))) {
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) standIn(draft, [...path, key], undefined);
      else {
        const value = standInAt(draft, path, variant);
        const at = standIn(draft, path, value);
        // A list or an object is what other fields of its asset refer to, and a declared gap what they are excused by; what is only left
        // out, its neighbours refer to.
        const isCompound = issue.code === 'invalid_type' && ['array', 'object'].includes(issue.expected);
        if (path[0] === 'gaps') paths.push(['gaps']);
        else if (path[0] === 'assets' && (isCompound || path[2] === 'gaps')) paths.push(path.slice(0, 2));
        else paths.push(value === undefined && path[0] === 'assets' && path.length > 3 ? path.slice(0, -1) : at);
      }
    }
  }
  return undefined;
}

/** @returns where something was put or taken away: further up, where the field itself is not there any more */
function standIn(draft: Record<PropertyKey, unknown>, path: Path, value: unknown): Path {
  const [last] = path.slice(-1);
  const around = path.slice(0, -1).reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), draft);
  if (last === undefined || !isRecord(around)) return path;
  if (value !== undefined) around[last] = value;
  else if (Array.isArray(around)) around.splice(Number(last), 1);
  else if (last in around) delete around[last];
  else return standIn(draft, path.slice(0, -1), undefined);
  return path;
}

function standInAt(draft: Record<PropertyKey, unknown>, path: Path, variant: 1 | 2): unknown {
  const [top, index, ...rest] = path;
  const assets = draft['assets'];
  if (top !== 'assets' || typeof index !== 'number' || !Array.isArray(assets)) return valueAt(topOf(variant), path);
  const asset: unknown = assets[index];
  const isKey = isRecord(asset) && asset['kind'] === 'key';
  return valueAt(isKey ? keyOf(variant, index) : databaseOf(variant, index), rest);
}

const valueAt = (of: unknown, path: Path): unknown => path.reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), of);

const isRecord = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === 'object' && value !== null;

const databaseOf = (variant: 1 | 2, index: number) => ({
  id: `stand-in-${variant}-${index}`,
  kind: 'postgres',
  objectives: { rpo: `PT${30 + variant}H`, rto: `PT${4 + variant}H` },
  source: { secret: `stand-in-${variant}-${index}`, postgresMajor: 16 + variant },
  schedule: { cron: `${variant} 2 * * ? *`, timeZone: 'UTC', longestRun: `PT${variant}H` },
  retention: { hot: `P${40 + variant}D` },
  lock: { length: `P${40 + variant}D`, longestDetection: `P${10 + variant}D` },
  drill: {
    schedule: { cron: `${variant} 5 1 * ? *`, timeZone: 'UTC', longestRun: `PT${3 + variant}H` },
    period: `P${40 + variant}D`,
    checks: [],
  },
});

const keyOf = (variant: 1 | 2, index: number) => ({
  id: `stand-in-${variant}-${index}`,
  kind: 'key',
  objectives: { rpo: `PT${30 + variant}H`, rto: `PT${variant}H` },
  source: { secret: `stand-in-${variant}-${index}` },
  escrow: { schedule: { cron: `${variant} 1 * * ? *`, timeZone: 'UTC', longestRun: `PT${10 + variant}M` } },
});

const topOf = (variant: 1 | 2) => ({
  version: 1,
  system: `stand-in-${variant}`,
  owner: `stand-in-${variant}`,
  operator: `stand-in-${variant}`,
  roles: { requesters: [`requester-${variant}`], approvers: [`approver-${variant}`] },
  classification: variant === 1 ? 'internal' : 'confidential',
  home: { region: variant === 1 ? 'eu-central-1' : 'us-east-1' },
  replica: { region: variant === 1 ? 'eu-west-1' : 'us-west-2' },
  network: { kind: 'new' },
  assets: [databaseOf(variant, 0)],
});
