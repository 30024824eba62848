import { html, type Markup } from '../html.ts';
import type { KeyDrillReport, LastKeyDrill, ReportModel } from '../model.ts';
import { plural, secondsText } from '../../quantities.ts';
import { offlineTables } from './offline.ts';
import { no, pill, section, table, time } from './parts.ts';

/** Enough of a fingerprint to tell values apart by eye. */
const FINGERPRINT_CHARACTERS = 16;

/** More than this makes no page that a person reads. */
const SHOWN = 20;

const drillTable = (drills: readonly KeyDrillReport[]): Markup =>
  table(
    drills.length > SHOWN
      ? `The newest ${SHOWN} of ${drills.length} times that drills used it`
      : `${plural(drills.length, 'time')} that drills used it`,
    ['When', 'What', 'Escrow of', 'Outcome', 'Took'],
    drills
      .slice(0, SHOWN)
      .map(({ at, asset, from, what, outcome, measured, seconds }) => [
        time(at),
        html`${what} <small>${asset}</small>`,
        from === 'replica' ? 'the second region' : 'home',
        outcome === 'passed' ? pill('green', 'Passed') : html`${pill('red', 'Failed')} <small>${measured}</small>`,
        seconds === undefined ? no() : secondsText(seconds),
      ]),
  );

const DRILLS: Record<LastKeyDrill['way'], string> = {
  'second-region': 'Got back from the second region alone',
  'offline-shares': 'Got back from offline shares, before witnesses',
  canary: 'A value of a restored database opened with it',
};

const lastDrillTable = (drills: readonly LastKeyDrill[]): Markup =>
  table(
    'Drills of the key, each way when last',
    ['What', 'Last', 'Outcome', 'Took'],
    drills.map(({ way, last }) => [
      DRILLS[way],
      last ? time(last.at) : no('never'),
      last === undefined ? no('-') : last.outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed'),
      last?.seconds === undefined ? no('-') : secondsText(last.seconds),
    ]),
  );

export const keysSection = ({ keys, leftKeys = [], generatedAt }: ReportModel): Markup =>
  section(
    'keys',
    'Keys in escrow',
    'Every version of a key is sealed under one KMS key per region, and opened again in each region with that region’s key alone. A fingerprint is a keyed hash: it tells values apart and says nothing of them.',
    [
      ...leftKeys.map((text) => html`<p class="soft">${text}.</p>`),
      ...keys.map(
        ({ id, status, readBacks, marks, offline, lastDrills, drills }) =>
          html`<article class="card">
            <div class="head">
              <h3>${id}</h3>
              ${pill(status.colour)}
            </div>
            ${marks.length === 0 ? undefined : marks.map((mark) => html`<p>${pill('amber', 'Meddled with')} ${mark}</p>`)}
            ${lastDrillTable(lastDrills)}
            ${
              readBacks.length === 0
                ? html`<p class="soft">No escrowed copy was read back yet.</p>`
                : table(
                    'Last read-back of each version in each region',
                    ['Fingerprint', 'Value', 'Region', 'Opened', 'Object version'],
                    readBacks.map((readBack) => [
                      html`<span class="id">${readBack.fingerprint.slice(0, FINGERPRINT_CHARACTERS)}</span>`,
                      readBack.isCurrent ? 'current' : no('earlier'),
                      html`${readBack.region} <small>${readBack.place === 'vault' ? 'home' : 'second region'}</small>`,
                      time(readBack.at),
                      html`<span class="id">${readBack.versionId}</span>`,
                    ]),
                  )
            }
            ${offline && offlineTables(offline, generatedAt)} ${drills.length === 0 ? undefined : drillTable(drills)}
          </article>`,
      ),
    ],
  );
