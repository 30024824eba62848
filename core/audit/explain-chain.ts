import type { AuditedSide, Told } from './explain-finding.ts';
import { otherSide } from '../vault/explain-lost.ts';
import { fromOption } from '../vault/side.ts';
import type { ChainFinding } from './findings.ts';

const WHO = 'only whoever may change the stacks could delete that: find out who did, in the trail of the account';

export function explainChain(finding: ChainFinding, { side }: AuditedSide): Told {
  const { asset } = finding;
  const isReplica = side === 'replica';
  const other = otherSide(side);
  const [from, fromOther] = [fromOption(side), fromOption(other)];
  switch (finding.kind) {
    case 'point-lost': {
      const { point, link, wasReplicated } = finding;
      const name = `${asset}/${point}`;
      const said = link === undefined ? 'records of it are left' : `link ${link} of the chain names it`;
      const what = `The point ${name} is lost: ${said}, nothing says that it expired, and it is gone from the ${side}`;
      const hold = `Put a hold on the points that are left, and note that ${WHO}`;
      if (isReplica || !wasReplicated)
        return {
          what,
          fix: `look whether the ${other} has it, and restore from there if so. ${hold}`,
          command: `npx holdfast verify ${name}${fromOther}`,
        };
      return {
        what,
        fix: `it was replicated: verify it there (\`npx holdfast verify ${name}${fromOther}\`), and restore from there. ${hold}`,
        command: `npx holdfast restore ${name} --to <database>${fromOther}`,
      };
    }
    case 'links-missing': {
      const { from: first, to } = finding;
      return {
        what: `Of the chain of ${asset}, ${first === to ? `link ${first} is` : `the links ${first} to ${to} are`} gone: which points they named nobody can tell by it`,
        fix: `compare with the chain of the ${other}, which names them; ${WHO}`,
        command: `npx holdfast evidence verify${fromOther}`,
      };
    }
    case 'link-unreadable':
      return {
        what: `${finding.key} (version ${finding.versionId}) is no link of the chain of ${asset}: which point it named nobody can tell by it`,
        fix: `compare with the chain of the ${other}, and find out who wrote there`,
        command: `npx holdfast evidence verify${fromOther}`,
      };
    case 'manifest-differs':
      return {
        what: `The manifest of ${asset}/${finding.point} (version ${finding.versionId}) is not the one that link ${finding.link} of the chain names: nothing that it says can be relied upon`,
        fix: `compare with the ${other} (\`npx holdfast evidence verify${fromOther}\`), and restore the point from there; ${WHO}`,
        command: `npx holdfast verify ${asset}/${finding.point}${fromOther}`,
      };
    case 'point-unlinked':
    default:
      return {
        what: `The point ${asset}/${finding.point} is signed, as the last step of its run does once it is linked, and no link of the chain names it: the chain was cut`,
        fix: `the point is whole as far as its own records say. Compare with the chain of the ${other}; ${WHO}`,
        command: `npx holdfast evidence verify${from}`,
      };
  }
}
