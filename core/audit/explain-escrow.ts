import { explainStray } from '../escrow/strays.ts';
import { fromOption } from '../vault/side.ts';
import { explainUsed, type UsedKey, type UsedSource } from '../watch/used.ts';
import type { EscrowFinding } from './escrow-findings.ts';
import type { AuditedSide, Told } from './explain-finding.ts';

export function explainEscrow(finding: EscrowFinding, { region, side }: AuditedSide): Told {
  switch (finding.kind) {
    case 'escrow-overwritten':
    case 'escrow-hidden': {
      const { kind, bucket, ...object } = finding;
      return explainStray({ mark: kind === 'escrow-hidden' ? 'hidden' : 'overwritten', ...object }, bucket, region);
    }
    case 'source-gone':
      return { what: sentence(explainUsed(finding.used)), ...bringBack(finding.used, region, fromOption(side)) };
    case 'source-key-ends':
      return { what: sentence(explainUsed(finding.used)), ...keepKey(finding.used, region) };
    case 'source-unseen':
    default:
      return {
        what: sentence(explainUsed(finding.used)),
        fix: 'compare the role of the audit, and the policy of the secret, with what was deployed',
        command: describeSource(finding.used, region),
      };
  }
}

function bringBack(used: UsedSource, region: string, from: string): Pick<Told, 'fix' | 'command'> {
  const isLogin = used.holds === 'login';
  if (used.state === 'deletion-scheduled')
    return {
      fix: `restore it while its window lasts, and find out who deleted it${isLogin ? '' : '; what was in escrow stays there'}`,
      command: `aws secretsmanager restore-secret --region ${region} --secret-id ${used.source.name}`,
    };
  if (isLogin)
    return {
      fix: 'make a secret of the same name with a new password of the same role, or take it out of the plan: what logs in with it fails',
      command: 'npx holdfast doctor',
    };
  return {
    fix: 'make it anew with its value from escrow (docs/restore-by-hand.md, The keys), or take the key out of the plan; what was in escrow stays there',
    command: `npx holdfast list${from}`,
  };
}

function keepKey({ state, arn = '' }: UsedKey, region: string): Pick<Told, 'fix' | 'command'> {
  const kms = (call: string) => `aws kms ${call} --region ${region} --key-id ${arn}`;
  if (state === 'deletion-scheduled')
    return {
      fix: 'cancel that and enable it, and find out who asked for it',
      command: `${kms('cancel-key-deletion')} && ${kms('enable-key')}`,
    };
  if (state === 'disabled') return { fix: 'enable it, and find out who disabled it', command: kms('enable-key') };
  return { fix: 'find out why, in the trail of the account', command: kms('describe-key') };
}

const describeSource = ({ source: { store, name } }: UsedSource, region: string) =>
  store === 'secret'
    ? `aws secretsmanager describe-secret --region ${region} --secret-id ${name}`
    : `aws ssm describe-parameters --region ${region} --parameter-filters Key=Name,Values=${name}`;

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
