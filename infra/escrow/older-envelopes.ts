/** The part of the escrow machine that opens what the sources no longer have. */
import { OLDER_ENVELOPE } from '../../core/failure/steps.ts';
import type { MapState } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';
import { nothingFailed, withFailureStates } from '../asl/failure-states.ts';
import type { Scope } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';

const ENVELOPE_SCOPE: Scope = {
  suffix: ' of this envelope',
  failedStep: 'envelopeStep',
  tries: 'envelopeTries',
  error: 'envelopeError',
  report: 'envelopeReport',
  asset: '$older.key',
  run: '$older.run',
};
const NOT_OPENED = 'The envelope could not be opened';

const { copy: COPY, open: OPEN } = OLDER_ENVELOPE;

type Parts = { escrowVersion: string; readBack: string; reportFailure: string; next: string; atOnce: number };

/** Nothing is sealed: what a source no longer has is only opened, in each place by itself; where it is missing the other's is copied first. */
export const openEveryOlder = (parts: Parts): MapState => {
  const outcome = { key: expression('$older.key'), fingerprint: expression('$older.fingerprint') };
  return {
    Type: 'Map',
    Items: expression('$envelopes'),
    MaxConcurrency: parts.atOnce,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Take one envelope',
      States: {
        'Take one envelope': {
          Type: 'Pass',
          Assign: { older: expression('$states.input'), ...nothingFailed(ENVELOPE_SCOPE) },
          Output: {},
          Next: 'Decide whether there is an envelope',
        },
        'Decide whether there is an envelope': {
          Type: 'Choice',
          Choices: [{ Condition: expression('$older.copy = true'), Next: COPY }],
          Default: OPEN,
        },
        ...withFailureStates(
          { stage: 'escrow', reportFailure: parts.reportFailure, scope: ENVELOPE_SCOPE, end: NOT_OPENED },
          {
            [COPY]: functionTask(parts.escrowVersion, expression('$older'), { next: OPEN }),
            [OPEN]: functionTask(parts.readBack, expression('$older'), { next: 'The envelope can be opened' }),
          },
        ),
        'The envelope can be opened': { Type: 'Pass', Output: { escrowed: true, ...outcome }, End: true },
        [NOT_OPENED]: {
          Type: 'Pass',
          Output: {
            escrowed: false,
            ...outcome,
            failure: expression('$envelopeReport.failure'),
            message: expression('$substring($envelopeReport.message, 0, 300)'),
          },
          End: true,
        },
      },
    },
    Assign: { opened: expression('$states.result') },
    Output: {},
    Next: parts.next,
  };
};
