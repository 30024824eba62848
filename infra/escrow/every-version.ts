/** The part of the escrow machine that puts what the sources have into escrow, and opens it in both regions. */
import type { MapState } from '../asl/definition.ts';
import { expression, orElse } from '../asl/expression.ts';
import { nothingFailed, withFailureStates } from '../asl/failure-states.ts';
import type { Scope } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';

const VERSION_SCOPE: Scope = {
  suffix: ' of this version',
  failedStep: 'versionStep',
  tries: 'versionTries',
  error: 'versionError',
  report: 'versionReport',
  asset: '$version.key',
  run: '$version.run',
};
const IS_THERE = 'Decide what is to be opened';
const NOT_ESCROWED = 'The version is not in escrow';
const IN_ESCROW = 'The version is in escrow';

type Parts = { escrowVersion: string; readBack: string; reportFailure: string; next: string; atOnce: number };

/** A version that fails ends its own round only: the others are escrowed all the same, and the machine fails naming those that are not. */
export const escrowEveryVersion = (parts: Parts): MapState => {
  const readBack = (place: 'vault' | 'replica') => ({
    key: expression('$version.key'),
    fingerprint: expression('$fingerprint'),
    run: expression('$version.run'),
    place,
  });
  const outcome = { key: expression('$version.key'), secretVersion: expression('$version.secretVersion') };
  return {
    Type: 'Map',
    Items: expression('$versions'),
    MaxConcurrency: parts.atOnce,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Take one version',
      States: {
        'Take one version': {
          Type: 'Pass',
          Assign: {
            version: expression('$states.input'),
            fingerprint: '',
            why: '',
            created: false,
            openedBy: {},
            ...nothingFailed(VERSION_SCOPE),
          },
          Output: {},
          Next: 'Escrow one version',
        },
        ...withFailureStates(
          { stage: 'escrow', reportFailure: parts.reportFailure, scope: VERSION_SCOPE, end: NOT_ESCROWED },
          {
            'Escrow one version': functionTask(parts.escrowVersion, expression('$version'), {
              assign: {
                fingerprint: expression(orElse('$states.result.Payload.fingerprint', "''")),
                why: expression(orElse('$states.result.Payload.why', "''")),
                created: expression('$states.result.Payload.created = true'),
                openedBy: expression(orElse('$states.result.Payload.openedBy', '{}')),
              },
              next: IS_THERE,
            }),
            'Read the envelope back at home': functionTask(parts.readBack, readBack('vault'), {
              next: 'Read the envelope back in the second region',
            }),
            'Read the envelope back in the second region': functionTask(parts.readBack, readBack('replica'), {
              next: IN_ESCROW,
            }),
          },
        ),
        [IS_THERE]: {
          Type: 'Choice',
          Choices: [
            { Condition: expression("$fingerprint = ''"), Next: 'The version has no value yet' },
            { Condition: expression('$exists($openedBy.vault)'), Next: IN_ESCROW },
          ],
          Default: 'Read the envelope back at home',
        },
        'The version has no value yet': {
          Type: 'Pass',
          Output: expression(`{'key': $version.key, 'secretVersion': $version.secretVersion, 'why': $why != '' ? $why}`),
          End: true,
        },
        [IN_ESCROW]: {
          Type: 'Pass',
          // One expression: what is not there is left out.
          Output: expression(
            `{'escrowed': true, 'key': $version.key, 'secretVersion': $version.secretVersion, 'fingerprint': $fingerprint, 'created': $created, 'openedBy': $exists($openedBy.vault) ? $openedBy}`,
          ),
          End: true,
        },
        [NOT_ESCROWED]: {
          Type: 'Pass',
          // What 200 items end with has to fit into 256 KiB, in letters of three bytes too.
          Output: {
            escrowed: false,
            ...outcome,
            failure: expression('$versionReport.failure'),
            message: expression('$substring($versionReport.message, 0, 300)'),
          },
          End: true,
        },
      },
    },
    Assign: { escrowed: expression('$states.result') },
    Output: {},
    Next: parts.next,
  };
};
