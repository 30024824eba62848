/** The ceremony of the demo: five custodians of paper, of whom three will be asked. `npx holdfast escrow ceremony` is the real one. */
import { parse, stringify } from 'yaml';
import { splitNewIdentity } from '../../adapters/escrow/offline/secret-sharing.ts';
import { inFours } from '../../core/escrow/offline/identity.ts';
import { shareRows } from '../../core/escrow/offline/share-text.ts';
import type { Narrator } from './narrator.ts';

const CUSTODIANS = ['Ana', 'Ben', 'Cem', 'Dee', 'Eli'];
const THRESHOLD = 3;

/** `sheets`: what is printed on each, which is all that is left of the identity. */
export type Custody = { recipient: string; ceremony: string; sheets: { custodian: string; rows: string }[] };

export async function holdDemoCeremony(narrator: Narrator): Promise<Custody> {
  narrator.stage('Hold a ceremony: the offline identity, split among five custodians');
  const { recipient, ceremony, shares } = await splitNewIdentity(CUSTODIANS.length, THRESHOLD);
  const sheets = shares.map((share, index) => ({ custodian: CUSTODIANS[index] ?? '', rows: shareRows(share).join('\n') }));
  for (const { bytes } of shares) bytes.fill(0);
  narrator.done(`Ceremony ${inFours(ceremony)}: any ${THRESHOLD} of ${CUSTODIANS.join(', ')} rebuild the identity, which is forgotten`);
  narrator.note(`their recipient goes into the plan: ${recipient}`);
  return { recipient, ceremony, sheets };
}

type PlanText = { assets: { kind: string; escrow?: Record<string, unknown> }[] };

/** The plan with those who hold the shares as recipients of every key: a shipped plan cannot know them. */
export function planWithCustodians(text: string, { recipient }: Custody): string {
  const plan = parse(text) as PlanText;
  for (const asset of plan.assets) if (asset.kind === 'key') asset.escrow = { ...asset.escrow, offline: { recipients: [recipient] } };
  return stringify(plan);
}
