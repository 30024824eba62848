/**
 * What a copy's own list names and the copy does not hold. Nothing of it is whole, whoever else names it: a copy that came away half,
 * or that somebody thinned, must not pass for a proof.
 */
import type { Problem, Report } from './findings.ts';
import type { VaultCopy } from './vault-copy.ts';

/** Folders of a vault whose folders are of systems, and theirs of assets. */
const TOPS_OF_ASSETS = ['catalog', 'chain', 'data', 'runs', 'retention', 'failures'];

const ABSENT = 'the list of versions names it, and its bytes are not in the copy';
const UNREADABLE = 'it was listed, and could not be read: look again, and if it is still said, at who took it away';
const UNLISTED = 'it is in the copy, and its list of versions does not name it: it was put there, or taken out of the list';

/** The copy with a memory of everything that was asked for and not there. */
export function remembering(copy: VaultCopy): { copy: VaultCopy; unreadable: ReadonlySet<string> } {
  const unreadable = new Set<string>();
  const reader: VaultCopy['reader'] = {
    ...copy.reader,
    async get(ref) {
      const found = await copy.reader.get(ref);
      if (!found) unreadable.add(ref.key);
      return found;
    },
  };
  return { copy: { ...copy, reader }, unreadable };
}

/** @param problems those that were found already: what is told as missing by what names it is told once */
export function reportGaps(
  { absent = [], unlisted = [] }: VaultCopy,
  of: { system: string; asset: string | undefined },
  unreadable: ReadonlySet<string>,
  problems: readonly Problem[],
  report: Report,
): void {
  const told = new Set(problems.map(({ key }) => key));
  const tell = (key: string, kind: 'record-missing' | 'object-missing' | 'record-foreign', text: string) => {
    if (told.has(key) || !isOf(key, of)) return;
    told.add(key);
    report(kind, key, text);
  };
  for (const key of absent) tell(key, key.startsWith('data/') ? 'object-missing' : 'record-missing', ABSENT);
  for (const key of unreadable) tell(key, 'record-missing', UNREADABLE);
  for (const key of unlisted) tell(key, 'record-foreign', UNLISTED);
}

/** Evidence is always looked at, whichever asset is asked for. */
function isOf(key: string, { system, asset }: { system: string; asset: string | undefined }): boolean {
  const [top = '', ofSystem, ofAsset] = key.split('/');
  return asset === undefined || !TOPS_OF_ASSETS.includes(top) || (ofSystem === system && ofAsset === asset);
}
