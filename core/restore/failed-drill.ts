/** What a drill found of the point that is asked for, where it did not pass: nobody is to restore it without knowing. Pure. */
import type { Fact } from '../vault/facts.ts';
import type { Manifest } from '../vault/manifest.ts';
import { summarizePoint } from '../vault/summarize-point.ts';

/** A sentence without its stop; undefined where the newest drill passed, and where none was held. */
export function describeFailedDrill(manifest: Manifest, facts: readonly Fact[]): string | undefined {
  const { lastDrill } = summarizePoint(manifest, facts);
  if (lastDrill?.outcome !== 'failed') return undefined;
  const { at, from, reasons } = lastDrill;
  return `the drill of this point at ${at}, from the ${from}, failed${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}. \`latest-proven\` is the newest point that a drill has restored`;
}
