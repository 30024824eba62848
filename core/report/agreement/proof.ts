import type { ProtectionPlan } from '../../plan/schema.ts';
import { evidencePrefix } from '../../vault/keys.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { no, section, table, time } from '../sections/parts.ts';

type Proof = { claim: string; kind: string; newest: (model: ReportModel, asset: string) => string | undefined };

const OF_DATABASES: readonly Proof[] = [
  {
    claim: 'was verified byte by byte',
    kind: 'verified',
    newest: (model, asset) => databaseOf(model, asset)?.points.find((point) => point.verifiedAt)?.verifiedAt,
  },
  {
    claim: 'was restored and checked',
    kind: 'drill',
    newest: (model, asset) => databaseOf(model, asset)?.drills.find(({ outcome }) => outcome === 'passed')?.at,
  },
  {
    claim: 'was restored from the replica vault',
    kind: 'drill',
    newest: (model, asset) => databaseOf(model, asset)?.drills.find(({ outcome, from }) => outcome === 'passed' && from === 'replica')?.at,
  },
];
const OF_KEYS: readonly Proof[] = [
  {
    claim: 'was opened from escrow',
    kind: 'escrow',
    newest: (model, asset) => model.keys.find(({ id }) => id === asset)?.readBacks[0]?.at,
  },
];

const databaseOf = (model: ReportModel, asset: string) => model.databases.find(({ id }) => id === asset);

/** Which signed record says so, where it stands, and the newest there is. */
export function proofSection({ system, assets }: ProtectionPlan, model: ReportModel | undefined): Markup {
  const rows = assets.flatMap(({ id, kind }) =>
    (kind === 'postgres' ? OF_DATABASES : OF_KEYS).map(({ claim, kind: record, newest }): Content[] => {
      const at = model && newest(model, id);
      return [
        `${id} ${claim}`,
        html`<span class="id">${placeOf(system, id, record)}</span>`,
        at ? time(at) : no(model ? 'none yet' : 'not looked at'),
      ];
    }),
  );
  return section(
    'proof',
    'What proves it',
    'Signed records, locked as long as the plan keeps evidence. Check them yourself: npx holdfast evidence verify.',
    html`<div class="card">${table('Evidence', ['That', 'Is said by', 'The newest'], rows)}</div>`,
  );
}

const placeOf = (system: string, asset: string, record: string) =>
  record === 'verified' ? `catalog/${system}/${asset}/<point>/verified-<run>.json` : `${evidencePrefix(system)}<year>/${record}-<run>.json`;
