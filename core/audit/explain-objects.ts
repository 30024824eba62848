import { functionName } from '../names.ts';
import { otherSide } from '../vault/explain-lost.ts';
import { fromOption } from '../vault/side.ts';
import type { AuditedSide, Told } from './explain-finding.ts';
import type { ObjectFinding } from './findings.ts';

const list = (names: readonly string[]) => names.join(', ');

type OfVersions = { versions: number; key: string; versionId: string };
const where = ({ versions, key, versionId }: OfVersions) =>
  versions === 1 ? `${key} (version ${versionId})` : `${versions} versions, such as ${key} (version ${versionId}),`;

export function explainObjects(finding: ObjectFinding, on: AuditedSide): Told {
  const { side, bucket } = on;
  const [from, other] = [fromOption(side), fromOption(otherSide(side))];
  const verify = ({ asset, point }: { asset: string; point: string }) => `npx holdfast verify ${asset}/${point}${from}`;
  const trail = 'find out who wrote it, in the trail of data events: the policy of the bucket should have refused that';
  const versionsOf = (key: string) => `aws s3api list-object-versions --region ${on.region} --bucket ${bucket} --prefix ${key}`;
  switch (finding.kind) {
    case 'lock-missing':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is not locked; it should be until ${finding.expected}`,
        ...relock({ ...finding, until: finding.expected }, on),
      };
    case 'lock-short':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is locked until ${finding.found}, not until ${finding.expected}`,
        ...relock({ ...finding, until: finding.expected }, on),
      };
    case 'lock-mode-differs':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is locked in ${finding.found} mode, not in ${finding.expected} mode`,
        ...relock({ ...finding, isFinished: true }, on),
      };
    case 'encryption-differs':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is encrypted by ${finding.found}, not by ${finding.expected}`,
        fix: 'what is locked cannot be encrypted anew: make a new point, and find out who wrote this one',
        command: `npx holdfast backup ${finding.asset}`,
      };
    case 'hold-missing':
      return {
        what: `The point ${finding.asset}/${finding.point} is held (${list(finding.holds)}), and ${where(finding)} has no legal hold`,
        fix: 'put the hold on it again',
        command: `npx holdfast hold add ${finding.asset}/${finding.point} --name ${finding.holds[0] ?? ''} --reason <why> --only ${side}`,
      };
    case 'hold-unknown':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is under legal hold, and no hold of Holdfast says why: it never expires`,
        fix: 'find out who put it there; a hold that is meant is put by Holdfast, as evidence',
        command: `npx holdfast hold list ${finding.asset} --all${from}`,
      };
    case 'object-missing':
      return {
        what: `Of the point ${finding.asset}/${finding.point}, ${where(finding)} is gone`,
        fix: 'do not restore this point from here: look whether the other region has it, and make a new one',
        command: `npx holdfast verify ${finding.asset}/${finding.point}${other}`,
      };
    case 'record-unreadable':
      return {
        what: `The records of the point ${finding.asset}/${finding.point} cannot be read: ${finding.why}`,
        fix: 'compare with the other region, and find out who wrote there',
        command: `npx holdfast show ${finding.asset}/${finding.point}${other}`,
      };
    case 'manifest-overwritten':
      return {
        what: `The manifest of ${finding.asset}/${finding.point} has ${finding.versions} versions, the newest ${finding.versionId}. The oldest counts, so that nothing is lost`,
        fix: trail,
        command: verify(finding),
      };
    case 'overwritten':
      return {
        what: `The record ${finding.key} is written once, and has ${finding.versions} versions, the newest ${finding.versionId}. The oldest counts`,
        fix: trail,
        command: versionsOf(finding.key),
      };
    case 'point-hidden':
      return {
        what: `A delete marker (version ${finding.versionId}) hides the manifest of ${finding.asset}/${finding.point}. The point is still listed, verified and restored`,
        fix: `nothing has to be put back. ${sentence(trail)}`,
        command: verify(finding),
      };
    case 'hidden':
      return {
        what: `A delete marker (version ${finding.versionId}) is on ${finding.key}. What it hides is still read`,
        fix: trail,
        command: versionsOf(finding.key),
      };
    case 'evidence-lock-short':
      return {
        what: `The record ${finding.key} (version ${finding.versionId}) is ${finding.found === undefined ? 'not locked' : `locked until ${finding.found}`}; evidence should be until ${finding.expected}`,
        fix: 'lock it again',
        command: invokeLock({ keys: [finding.key] }, on),
      };
    case 'not-looked-at':
    default:
      return {
        what: `The run ended before it had looked at ${list(finding.assets)}`,
        fix: 'look at each of them by a run of its own',
        command: `npx holdfast audit ${finding.assets[0] ?? ''}${from}`,
      };
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

type Unlocked = { asset: string; point: string; isFinished: boolean; until?: string };

/** A point that no run has finished is finished, which locks it; any other is locked again by the function that locks. */
function relock({ asset, point, isFinished, until }: Unlocked, on: AuditedSide): Pick<Told, 'fix' | 'command'> {
  if (!isFinished && on.side === 'vault')
    return { fix: 'the run that made the point did not end: finish it', command: `npx holdfast backup ${asset} --finish ${point}` };
  const term = on.assets.find((audited) => audited.asset === asset)?.term;
  const request = { system: on.system, asset, point, run: on.run, keys: [], ...(term && { term }), ...(until !== undefined && { until }) };
  return { fix: 'lock the whole point again', command: invokeLock(request, on) };
}

const invokeLock = (payload: object, { system, side, region }: AuditedSide) =>
  `aws lambda invoke --region ${region} --function-name ${functionName(system, 'lock/lock-objects', side)} --cli-binary-format raw-in-base64-out --payload '${JSON.stringify(payload)}' locked.json`;
