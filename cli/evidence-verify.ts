import { z } from 'zod';
import type { VerifyAnswer } from '../core/evidence/verify/verify-vault.ts';
import { UsageWrong } from './errors.ts';
import { READING_EXITS } from './exit-codes.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { Place } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';
import type { Answer } from './verb.ts';
import { plural } from '../core/quantities.ts';

/** Problems that are printed; `--output json` has them all. */
const PROBLEMS_SHOWN = 50;
const EXITS = { whole: 'Done', unvouched: 'ProblemsFound', damaged: 'PointDamaged' } as const;

export const evidenceVerify = defineVerb({
  name: 'evidence verify',
  summary:
    'Check signatures, chains, facts and objects of a vault, or of a copy of one without any network; of an export its records; nothing is written',
  positionals: [
    { name: 'directory', help: 'a copy of a vault, or what `evidence export` wrote (the deployed vault when left out)', isRequired: false },
  ],
  options: [
    {
      flags: '--public-key <file>',
      help: 'the key to trust, as `holdfast evidence key` gave it; can be repeated (needed for a directory; else KMS is asked)',
      isRepeatable: true,
    },
    { flags: '--asset <asset>', help: 'check this database asset alone' },
    { flags: '--data', help: 'read every byte of every object and compare its SHA-256 (default: sizes)' },
    { flags: '--earlier <file>', help: 'the JSON of an earlier check: says whether a chain was cut or written anew since' },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast evidence verify copy-of-vault --public-key evidence-key.pem',
    'npx holdfast evidence verify copy-of-vault --public-key evidence-key.pem --data --output json > checked.json',
    'npx holdfast evidence verify evidence-of-2026 --public-key evidence-key.pem',
    'npx holdfast evidence verify --from replica --earlier checked.json',
  ],
  exits: [...READING_EXITS, 'ProblemsFound', 'StoppedWatching', 'PointDamaged'],
  input: z.strictObject({
    directory: z.string().optional(),
    publicKey: z.array(z.string()).default([]),
    asset: z.string().optional(),
    data: z.boolean().default(false),
    earlier: z.string().optional(),
    from: Place.optional(),
  }),
  async run(context, { directory, publicKey, asset, data, earlier, from }): Promise<Answer> {
    const problems: string[] = [];
    if (directory !== undefined && publicKey.length === 0)
      problems.push('--public-key is missing: a key that stands in the copy itself would prove nothing');
    if (directory !== undefined && from !== undefined) problems.push('--from names a deployed vault, and <directory> a copy: choose one');
    if (problems.length > 0) throw new UsageWrong('evidence verify', problems);
    const { verifyEvidence } = await import('./evidence/verify-evidence.ts');
    const found = await verifyEvidence(context, {
      directory,
      publicKeyFiles: publicKey,
      asset,
      readsBytes: data,
      earlier,
      from: from ?? 'vault',
    });
    if (found === undefined) return { data: { status: 'stopped' }, text: () => 'Stopped; nothing was changed', exit: 'StoppedWatching' };
    const { answer, where, system, keys, missing, list } = found;
    const { verdict, ...rest } = answer;
    const heads = answer.assets.flatMap(({ head }) => (head ? [head] : []));
    return {
      data: { status: verdict, of: list ? 'export' : 'vault', system, where, publicKeys: keys, missingKeys: missing, ...rest, heads },
      text: (paint) => render(answer, where, paint),
      exit: EXITS[verdict],
    };
  },
});

const VERDICTS = {
  whole: (paint: Paint) => paint('green', 'whole'),
  unvouched: (paint: Paint) => paint('yellow', 'not all vouched for'),
  damaged: (paint: Paint) => paint('red', 'damaged'),
};

function render(answer: VerifyAnswer, where: string, paint: Paint): string {
  const { assets, problems, notes } = answer;
  const rows = assets.map((one) => [
    one.asset,
    String(one.points),
    String(one.expired),
    String(one.links),
    String(one.objects),
    one.head?.sha256.slice(0, 16) ?? '-',
  ]);
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ kind, key, text }) => `${paint('red', kind)} ${key}\n  ${text}`);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more: --output json has them all`] : [];
  const counted = `${plural(answer.signatures, 'signature')} and ${plural(answer.evidence, 'record')} of evidence`;
  return [
    ...(rows.length > 0 ? [table(['ASSET', 'POINTS', 'EXPIRED', 'LINKS', 'OBJECTS', 'LAST LINK'], rows)] : []),
    ...(shown.length > 0 ? [[...shown, ...more].join('\n')] : []),
    ...notes.map((note) => paint('yellow', note)),
    `${VERDICTS[answer.verdict](paint)} ${where}: ${counted} checked, ${problems.length === 0 ? 'no problem' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`}`,
  ].join('\n\n');
}
