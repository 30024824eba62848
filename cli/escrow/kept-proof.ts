/** What witnesses saw, kept until it is recorded: custodians who have met do not meet again for a login that ran out. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { KeptProof } from '../../core/escrow/offline/proof.ts';
import { parseJson } from '../../core/parse-json.ts';
import { UsageWrong } from '../errors.ts';

const textOf = (kept: KeptProof) => `${JSON.stringify(kept, null, 2)}\n`;

/** Beside the medium, else where the command was started, else where files for the moment are. @returns undefined when nothing can be written anywhere */
export function keepProof(medium: string, workingDirectory: string, kept: KeptProof): string | undefined {
  const at = kept.proofs[0]?.startedAt.replaceAll(/[-:]|\.\d+/g, '') ?? '';
  for (const directory of [dirname(medium), workingDirectory, tmpdir()]) {
    const path = join(directory, `${basename(medium)}-proof-${at}.json`);
    try {
      writeFileSync(path, textOf(kept), { flag: 'wx' });
      return path;
    } catch {
      // The next place may do: what becomes of it is told with the path.
    }
  }
  return undefined;
}

/** Without what is recorded by now; gone when that is all of it. */
export function keepRest(path: string, kept: Omit<KeptProof, 'proofs'>, proofs: KeptProof['proofs']): void {
  if (proofs.length === 0) rmSync(path);
  else writeFileSync(path, textOf({ ...kept, proofs }));
}

/** Throws UsageWrong. */
export function readKeptProof(path: string, named: string, system: string): KeptProof {
  const refuse = (why: string) => new UsageWrong('escrow prove-offline', [`--proof ${named} ${why}`]);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw refuse('cannot be read');
  }
  const kept = KeptProof.safeParse(parseJson(text));
  if (!kept.success) throw refuse('is no proof that `holdfast escrow prove-offline` kept');
  if (kept.data.system !== system) throw refuse(`is of the system ${kept.data.system}, and the plan of ${system}`);
  return kept.data;
}
