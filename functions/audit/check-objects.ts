import { CheckObjectsEnvironment, CheckObjectsRequest, MOST_CALLS, type CheckObjectsAnswer } from '../../core/audit/contract.ts';
import { selectDueLocks } from '../../core/audit/expected-lock.ts';
import type { Finding } from '../../core/audit/findings.ts';
import { lookAtPoint } from '../../core/audit/look-at-point.ts';
import { walkAsset } from '../../core/audit/walk-asset.ts';
import { walkEscrow } from '../../core/audit/walk-escrow.ts';
import { walkEvidence } from '../../core/audit/walk-evidence.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import type { PointState } from '../../core/retention/point-state.ts';
import { handle } from '../edge.ts';
import { chooseSample } from './choose-sample.ts';
import { connectCheckObjects, type CheckObjectsPorts } from './ports.ts';

/** Of the fifteen minutes that the function has: the point that is under way is finished after that. */
const CALL_MILLISECONDS = 600_000;

/** Goes on where the last call stopped. Called again with the same request, it looks at the same, unless that has changed meanwhile. */
export async function checkObjects(
  request: CheckObjectsRequest,
  ports: CheckObjectsPorts,
  callMilliseconds = CALL_MILLISECONDS,
): Promise<CheckObjectsAnswer> {
  const { system, side, vault, now } = ports;
  const { assets, evidence, isWhole, room, vaultKeyArn } = request;
  const place = { reader: vault, system, side, vaultKeyArn, now };
  const sample = { residues: await chooseSample(request, ports) };
  const residues = new Set(sample.residues);
  const tally = { ...request.tally, calls: request.tally.calls + 1 };
  const findings: Finding[] = [];
  const note = (finding: Finding) => {
    tally.findings++;
    if (findings.length < room) findings.push(finding);
  };
  const until = now().getTime() + callMilliseconds;
  const isOver = () => now().getTime() >= until;

  let { asset: index, after } = request.cursor;
  for (let audited = assets[index]; audited; audited = assets[++index], after = '') {
    const { asset, term, policy } = audited;
    // What listing and chain tell was told by the call that began with the asset.
    const walked = await walkAsset(place, asset, residues, after === '' ? note : undefined);
    if (after === '') {
      tally.points += walked.points;
      tally.listed += walked.listed;
    }
    const states = walked.chosen.length === 0 ? [] : await readPointStates(vault, { system, asset }, policy, now());
    const due = selectDueLocks(states, policy, term, now());
    const going = new Set(states.filter(isGoing).map(({ point }) => point));
    for (const { point, isFinished } of walked.chosen) {
      if (point <= after || going.has(point)) continue;
      const looked = await lookAtPoint(place, { asset, term, point, isFinished, due: due.get(point) });
      looked.findings.forEach(note);
      tally.versions += looked.versions;
      tally.wholePoints++;
      after = point;
      if (isOver()) return stop({ asset: index, after });
    }
  }
  if (isWhole) {
    const walked = await walkEvidence(place, evidence, residues, note);
    tally.listed += walked.listed;
    tally.versions += walked.versions;
    tally.listed += (await walkEscrow(ports.escrow, system, note)).listed;
  }
  return { isDone: true, sample, cursor: { asset: assets.length, after: '' }, tally, findings };

  function stop(cursor: CheckObjectsAnswer['cursor']): CheckObjectsAnswer {
    if (tally.calls < MOST_CALLS) return { isDone: false, sample, cursor, tally, findings };
    // Named whatever room there is: by it the run is told from one that saw everything.
    tally.findings++;
    findings.push({ kind: 'not-looked-at', assets: assets.slice(cursor.asset).map(({ asset }) => asset) });
    return { isDone: true, sample, cursor, tally, findings };
  }
}

/** What expires is left alone while it goes. A hold that came before wins, and what it holds is looked at as any other point. */
const isGoing = ({ tombstoned, holds, unreadable }: PointState) => tombstoned && holds.length === 0 && unreadable === undefined;

export const handler = handle({
  environment: CheckObjectsEnvironment,
  request: CheckObjectsRequest,
  connect: connectCheckObjects,
  run: (request, ports) => checkObjects(request, ports),
});
