import type { ProtectionPlan } from '../../plan/schema.ts';
import { evidencePrefix } from '../../vault/keys.ts';
import { html, type Content, type Markup } from '../html.ts';
import { stands } from '../measured-restores.ts';
import type { ReportModel } from '../model.ts';
import { no, section, table, time } from '../sections/parts.ts';
import { lastPlayOf, type AgreementProofs } from './proofs.ts';

type Seen = { model: ReportModel; proofs: AgreementProofs | undefined };
type Proof = { claim: string; kind: string; newest: (seen: Seen, asset: string) => string | undefined };

const OF_DATABASES: readonly Proof[] = [
  {
    claim: 'was verified byte by byte',
    kind: 'verified',
    newest: ({ model }, asset) => databaseOf(model, asset)?.points.find((point) => point.verifiedAt)?.verifiedAt,
  },
  {
    claim: 'was restored and checked',
    kind: 'drill',
    newest: ({ model }, asset) => databaseOf(model, asset)?.drills.find(({ outcome }) => outcome === 'passed')?.at,
  },
  {
    claim: 'was restored from the replica vault',
    kind: 'drill',
    newest: ({ model }, asset) =>
      databaseOf(model, asset)?.drills.find(({ outcome, from }) => outcome === 'passed' && from === 'replica')?.at,
  },
  {
    claim: 'was restored for real',
    kind: 'restore-result',
    newest: ({ proofs }, asset) => standing(proofs, asset)[0]?.at,
  },
  {
    claim: 'was restored for real, and somebody approved',
    kind: 'approval',
    newest: ({ proofs }, asset) =>
      // Of an undo, and of requests that nothing came of, there are decisions too.
      proofs?.approvals.find((one) => one.outcome === 'approved' && standing(proofs, asset).some(({ run }) => run === one.run))?.at,
  },
  {
    claim: 'was restored for real, and somebody signed that it is good',
    kind: 'sign-off',
    newest: ({ proofs }, asset) => standing(proofs, asset).find(({ signed }) => signed !== undefined)?.signed?.at,
  },
];
const OF_KEYS: readonly Proof[] = [
  {
    claim: 'was opened from escrow',
    kind: 'escrow',
    newest: ({ model }, asset) => model.keys.find(({ id }) => id === asset)?.readBacks[0]?.at,
  },
];

/** Newest first. A part of a point proves nothing of the database. */
function standing(proofs: AgreementProofs | undefined, asset: string) {
  return (proofs?.restores ?? []).filter((one) => one.asset === asset && one.part === undefined && stands(one));
}

const databaseOf = (model: ReportModel, asset: string) => model.databases.find(({ id }) => id === asset);

/** Which signed record says so, where it stands, and the newest there is. */
export function proofSection(plan: ProtectionPlan, model: ReportModel | undefined, proofs: AgreementProofs | undefined): Markup {
  const { system, assets, scenarios } = plan;
  const row = (claim: string, place: string, record: string, at: string | undefined): Content[] => [
    claim,
    html`<span class="id">${place}</span>`,
    at ? time(at) : no(noneYet(model, record)),
  ];
  const rows = [
    ...assets.flatMap(({ id, kind }) =>
      (kind === 'postgres' ? OF_DATABASES : OF_KEYS).map(({ claim, kind: record, newest }) =>
        row(`${id} ${claim}`, placeOf(system, id, record), record, model && newest({ model, proofs }, id)),
      ),
    ),
    ...scenarios.map((scenario) => {
      const record = scenario.assets.length > 1 ? 'scenario' : 'drill';
      const at = model && lastPlayOf(scenario, model, proofs)?.at;
      return row(`The scenario ${scenario.name} was played`, placeOf(system, '', record), record, at);
    }),
  ];
  return section(
    'proof',
    'What proves it',
    'Signed records, locked as long as the plan keeps evidence. Check them yourself: npx holdfast evidence verify.',
    [
      model?.otherRegionUnread === undefined ? undefined : html`<p class="soft">${model.otherRegionUnread}</p>`,
      html`<div class="card">${table('Evidence', ['That', 'Is said by', 'The newest'], rows)}</div>`,
    ],
  );
}

const OF_BOTH_REGIONS = new Set(['drill', 'restore-result', 'approval', 'sign-off', 'scenario']);

/** What the other region held may be what is missing here. */
const noneYet = (model: ReportModel | undefined, record: string) =>
  model === undefined
    ? 'not looked at'
    : OF_BOTH_REGIONS.has(record) && model.otherRegionUnread !== undefined
      ? 'none that could be read: the other region was not looked at'
      : 'none yet';

const placeOf = (system: string, asset: string, record: string) =>
  record === 'verified'
    ? `catalog/${system}/${asset}/<point>/verified-<run>.json`
    : `${evidencePrefix(system)}<year>/${record}-<run>${record === 'approval' ? '-<n>' : ''}.json`;
