import { inFours } from '../../escrow/offline/identity.ts';
import { secondsText } from '../../quantities.ts';
import { html, type Markup } from '../html.ts';
import type { OfflineProofReport, OfflineReport } from '../model.ts';
import { no, pill, table, time } from './parts.ts';

/** Enough of a fingerprint to tell values apart by eye. */
const FINGERPRINT_CHARACTERS = 12;
/** More than this makes no page that a person reads. */
const SHOWN = 12;
const PLACES = { vault: 'home', replica: 'second region' } as const;

/** Files that only the custodians' shares open, and what witnesses saw of them. */
export const offlineTables = ({ wanted, files, proofs }: OfflineReport, generatedAt: string): Markup => html`
  ${
    files.length === 0
      ? html`<p class="soft">
          No offline file was made
          yet${wanted === undefined ? undefined : html` for the recipients <span class="id">${inFours(wanted)}</span>`}.
        </p>`
      : table(
          files.length > SHOWN ? `${SHOWN} of ${files.length} offline files, those of the current value first` : 'Offline files',
          ['Fingerprint', 'Value', 'Recipients', 'Stands in'],
          files
            .slice(0, SHOWN)
            .map(({ fingerprint, isCurrent, recipients, isWanted, places }) => [
              idOf(fingerprint),
              isCurrent ? 'current' : no('earlier'),
              recipientsOf(recipients, isWanted),
              places.map((place) => PLACES[place]).join(', '),
            ]),
        )
  }
  ${
    proofs.length === 0
      ? html`<p class="soft">No witness ever saw an offline file give the key.</p>`
      : table(
          proofs.length > SHOWN ? `The newest ${SHOWN} of ${proofs.length} witnessed proofs` : 'Witnessed proofs of offline files',
          ['When', 'Value', 'Recipients', 'Outcome', 'Counts until', 'Took', 'Witnesses'],
          proofs
            .slice(0, SHOWN)
            .map((proof) => [
              time(proof.at),
              html`${idOf(proof.fingerprint)} <small>${proof.isCurrent ? 'current' : 'earlier'}</small>`,
              proof.recipients === undefined ? no('not named') : recipientsOf(proof.recipients, proof.isWanted),
              outcomeOf(proof, generatedAt),
              endOf(proof),
              proof.seconds === undefined ? no('-') : secondsText(proof.seconds),
              proof.witnesses.length === 0 ? no('see the evidence') : proof.witnesses.join(', '),
            ]),
        )
  }
`;

const idOf = (fingerprint: string) => html`<span class="id">${fingerprint.slice(0, FINGERPRINT_CHARACTERS)}</span>`;

const recipientsOf = (id: string, isWanted: boolean): Markup =>
  html`<span class="id">${inFours(id)}</span> <small>${isWanted ? 'those of the plan' : 'not those of the plan'}</small>`;

/** The earlier of the two: a file that was made again is one that nobody has seen open. */
function endOf({ outcome, validUntil, madeAgainAt }: OfflineProofReport): Markup {
  const [end] = [validUntil, madeAgainAt].flatMap((at) => at ?? []).toSorted();
  return outcome === 'failed' || end === undefined ? no('-') : time(end);
}

function outcomeOf({ outcome, isWanted, validUntil, madeAgainAt }: OfflineProofReport, generatedAt: string): Markup {
  if (outcome === 'failed') return pill('red', 'Failed');
  if (!isWanted) return pill('no data', 'Of others');
  if (madeAgainAt !== undefined) return pill('amber', 'File made again');
  return validUntil !== undefined && validUntil < generatedAt ? pill('amber', 'Too old') : pill('green', 'Proven');
}
