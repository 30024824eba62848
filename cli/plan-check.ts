import { z } from 'zod';
import { checkPlan } from '../core/plan/check.ts';
import { renderFinding } from '../core/plan/finding.ts';
import type { Finding } from '../core/plan/finding.ts';
import { parseWholePlan } from '../core/plan/load-deployable.ts';
import { readPlanText } from './plan-file.ts';
import { defineVerb } from './verb.ts';
import type { Paint } from './output/paint.ts';

const STYLES = { error: 'red', warning: 'yellow', gap: 'yellow' } as const;

export const planCheck = defineVerb({
  name: 'plan check',
  summary: 'Say everything that is wrong, risky or knowingly missing in a plan, at once',
  positionals: [{ name: 'file', help: 'the plan (default: the one of --plan)', isRequired: false }],
  options: [],
  isRemote: false,
  examples: ['npx holdfast plan check plans/ida.yaml', 'npx holdfast plan check plans/ida.yaml --output json'],
  exits: ['BadInput'],
  input: z.strictObject({ file: z.string().optional() }),
  run(context, { file = context.planFile() }) {
    const { frame } = context;
    const findings = checkPlan(parseWholePlan(readPlanText(file, frame.workingDirectory), file, frame.now()), frame.now());
    const isDeployable = !findings.some((finding) => finding.severity === 'error');
    return Promise.resolve({
      data: { file, isDeployable, findings },
      text: (paint) => [...findings.map((finding) => render(finding, paint)), summary(file, findings, isDeployable, paint)].join('\n'),
      exit: isDeployable ? 'Done' : 'BadInput',
    });
  },
});

const render = (finding: Finding, paint: Paint) => {
  const [head = '', ...rest] = renderFinding(finding).split('\n');
  return [paint(STYLES[finding.severity], head), ...rest].join('\n');
};

function summary(file: string, findings: readonly Finding[], isDeployable: boolean, paint: Paint): string {
  const count = (severity: Finding['severity'], word: string) => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0 ? [] : [`${found} ${word}${found === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('gap', 'declared gap')].join(', ');
  const verdict = isDeployable ? paint('green', 'may be deployed') : paint('red', 'cannot be deployed');
  return `${file} ${verdict}${counts === '' ? ', and nothing is to be said against it' : `: ${counts}`}`;
}
