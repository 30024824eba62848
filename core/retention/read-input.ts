/** The retention machine's input, as a person or Scheduler gave it. */
import { HoldfastError } from '../failure/error.ts';
import { RetentionInput } from './contract.ts';

class RetentionInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], assets: readonly string[]) {
    super(
      `Retention cannot start from this input: ${problems.join('; ')}`,
      `Start the machine with {} for every asset, or with {"asset": "<one of: ${assets.join(', ')}>"}`,
    );
  }
}

/** The assets that a run goes through. Throws RetentionInputRefused. */
export function readRetentionInput(input: unknown, assets: readonly string[]): string[] {
  const parsed = RetentionInput.safeParse(input);
  if (!parsed.success)
    throw new RetentionInputRefused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`),
      assets,
    );
  const { asset } = parsed.data;
  if (asset === undefined) return assets.toSorted();
  if (!assets.includes(asset))
    throw new RetentionInputRefused([`asset: the plan has no asset of the name '${asset.slice(0, 40)}'`], assets);
  return [asset];
}
