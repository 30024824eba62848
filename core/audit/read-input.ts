/** The audit machine's input, as a person or Scheduler gave it. */
import { HoldfastError } from '../failure/error.ts';
import { AuditInput, type AuditedAsset } from './contract.ts';

class AuditInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], assets: readonly AuditedAsset[]) {
    super(
      `The audit cannot start from this input: ${problems.join('; ')}`,
      `Start the machine with {} for every asset, or with {"asset": "<one of: ${assets.map(({ asset }) => asset).join(', ')}>"}; "all": true looks at every point`,
    );
  }
}

/** Throws AuditInputRefused. */
export function readAuditInput(
  input: unknown,
  assets: readonly AuditedAsset[],
): { assets: AuditedAsset[]; isWhole: boolean; all: boolean } {
  const parsed = AuditInput.safeParse(input);
  if (!parsed.success)
    throw new AuditInputRefused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`),
      assets,
    );
  const { asset, all = false } = parsed.data;
  const inOrder = assets.toSorted((a, b) => (a.asset < b.asset ? -1 : 1));
  if (asset === undefined) return { assets: inOrder, isWhole: true, all };
  const chosen = inOrder.filter((audited) => audited.asset === asset);
  if (chosen.length === 0) throw new AuditInputRefused([`asset: the plan has no asset of the name '${asset.slice(0, 40)}'`], inOrder);
  return { assets: chosen, isWhole: false, all };
}
