/** What a step of the restore machine is a part of: by that a person is told what is there when it failed. */
import { APPROVAL } from '../approval/steps.ts';
import type { TaskPhase } from '../restore/target.ts';
import {
  AFTER_THE_RESTORE,
  BEFORE_REPLACING,
  FAILED_RESTORE,
  PROBE,
  QUIESCE,
  RESTORE_LOOKS,
  RESTORE_STEPS,
  RESUME,
  RETRIEVAL,
  SIGN_OFF,
} from './steps.ts';

/** `before`: nothing was changed yet but what was stopped. `refused`: the machine's own decision not to replace. `silent`: the application was asked. */
export type RestorePart =
  | 'before'
  | 'refused'
  | 'restore'
  | 'check'
  | 'swap'
  | 'replace'
  | 'drop'
  | 'put-back'
  | 'probe'
  | 'silent'
  | 'evidence'
  | 'evidence-of-failure'
  | 'sign-off';

const OF_PHASES: Record<TaskPhase, RestorePart> = {
  preflight: 'before',
  prepare: 'before',
  restore: 'restore',
  validate: 'check',
  swap: 'swap',
  replace: 'replace',
  settle: 'swap',
  undo: 'swap',
  finish: 'drop',
};

const all = (steps: Record<string, string>, part: RestorePart) => Object.values(steps).map((step): [string, RestorePart] => [step, part]);

const PARTS: ReadonlyMap<string, RestorePart> = new Map([
  ...Object.entries(OF_PHASES).map(([phase, part]): [string, RestorePart] => [RESTORE_STEPS[phase as TaskPhase], part]),
  ...all(APPROVAL, 'before'),
  ...all(RETRIEVAL, 'before'),
  ...all(QUIESCE, 'before'),
  [RESTORE_LOOKS.request, 'before'],
  [RESTORE_LOOKS.safety, 'before'],
  [RESTORE_LOOKS.places, 'swap'],
  [BEFORE_REPLACING.save, 'before'],
  [BEFORE_REPLACING.saved, 'refused'],
  [BEFORE_REPLACING.time, 'refused'],
  ...all(RESUME, 'put-back'),
  ...all(PROBE, 'probe'),
  [PROBE.see, 'silent'],
  ...all(AFTER_THE_RESTORE, 'evidence'),
  ...all(FAILED_RESTORE, 'evidence-of-failure'),
  ...all(SIGN_OFF, 'sign-off'),
]);

/** Undefined of a step that nobody has put here: a test asks for each of the machine's. */
export const partOfStep = (step: string): RestorePart | undefined => PARTS.get(step);
