/** Suites in an order in which none of the longest is begun last: a run of several workers then ends in all of them at once. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The suites that take longest, the longest first. A suite that is not named comes after them. */
const LONGEST = [
  'test/end-to-end/main-job.test.ts',
  'test/end-to-end/demo.test.ts',
  'test/end-to-end/segmented.test.ts',
  'test/tasks/restore/segmented/faults.test.ts',
  'test/fidelity/other-databases.test.ts',
  'test/fidelity/everything.test.ts',
  'test/cli/export.test.ts',
  'test/tasks/dump/vault-faults.test.ts',
  'test/end-to-end/finish-point.test.ts',
  'test/fidelity/hazards.test.ts',
  'test/tasks/dump/interrupted.test.ts',
  'test/tasks/dump/segmented-failures.test.ts',
  'test/tasks/restore/half-made.test.ts',
  'test/tasks/drill/drill-failures.test.ts',
  'test/tasks/restore/segmented/restore.test.ts',
  'test/infra/bundle.test.ts',
  'test/faults/calls.test.ts',
  'test/faults/kills.test.ts',
  'test/infra/app.test.ts',
  'test/core/archive/select-sweep.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(relative(project.config.root, moduleId));
      return at === -1 ? LONGEST.length : at;
    };
    // Sorting keeps the order of the unnamed: of suites that share a process, one after another.
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
