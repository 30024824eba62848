/** The ceremony of the demo: five custodians of paper, of whom three will be asked. `npx holdfast escrow ceremony` is the real one. */
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { splitNewIdentity } from '../../adapters/escrow/offline/secret-sharing.ts';
import { inFours } from '../../core/escrow/offline/identity.ts';
import { renderSheet, sheetName } from '../../core/escrow/offline/sheet.ts';
import { readShare, shareRows } from '../../core/escrow/offline/share-text.ts';
import { LOCAL_DIRECTORY } from '../connection-local.ts';
import { destroyFiles, writeSecretFile } from '../escrow/secret-files.ts';
import type { Narrator } from './narrator.ts';

const CUSTODIANS = ['Ana', 'Ben', 'Cem', 'Dee', 'Eli'];
const THRESHOLD = 3;
const SHEETS = join(LOCAL_DIRECTORY, 'sheets');

/** `sheets`: what is printed on each, which is all that is left of the identity. */
export type Custody = { recipient: string; ceremony: string; sheets: { custodian: string; rows: string }[] };

export async function holdDemoCeremony(narrator: Narrator): Promise<Custody> {
  narrator.stage('Hold a ceremony: the offline identity, split among five custodians');
  const { recipient, ceremony, shares } = await splitNewIdentity(CUSTODIANS.length, THRESHOLD);
  const sheets = shares.map((share, index) => ({ custodian: CUSTODIANS[index] ?? '', rows: shareRows(share).join('\n') }));
  for (const { bytes } of shares) bytes.fill(0);
  narrator.done(`Ceremony ${inFours(ceremony)}: any ${THRESHOLD} of ${CUSTODIANS.join(', ')} rebuild the identity, which is forgotten`);
  narrator.note(`the plan gets their recipient, beside those that it names: ${recipient}`);
  return { recipient, ceremony, sheets };
}

type PlanText = { assets: { kind: string; escrow?: { offline?: { recipients?: string[] } } }[] };

/** The plan with those who hold the shares as recipients of every key, beside its own: a shipped plan cannot know them. */
export function planWithCustodians(text: string, { recipient }: Custody): string {
  const plan = parse(text) as PlanText;
  for (const asset of plan.assets)
    if (asset.kind === 'key') {
      const offline = asset.escrow?.offline;
      asset.escrow = { ...asset.escrow, offline: { ...offline, recipients: [...(offline?.recipients ?? []), recipient] } };
    }
  return stringify(plan);
}

/** The custodians' sheets, for whoever wants to be the custodians. The answer destroys them. */
export function keepSheets({ recipient, sheets }: Custody, purpose: string, now: Date): { directory: string; destroy: () => void } {
  const destroy = () => {
    destroyFiles(readdirSync(SHEETS).map((name) => join(SHEETS, name)));
    rmdirSync(SHEETS);
  };
  mkdirSync(SHEETS, { recursive: true, mode: 0o700 });
  // Those of a demo that was killed open nothing any more.
  destroyFiles(readdirSync(SHEETS).map((name) => join(SHEETS, name)));
  for (const { custodian, rows } of sheets) {
    const share = readShare(rows);
    const facts = { purpose, custodian, date: now.toISOString().slice(0, 10), recipient };
    writeSecretFile(join(SHEETS, sheetName(share.number, custodian)), renderSheet(share, facts));
    share.bytes.fill(0);
  }
  return { directory: SHEETS, destroy };
}
