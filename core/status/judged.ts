/** What of an asset's plan a colour is decided from: a watcher is handed this, and not the whole plan. */
import type { PlanSource } from '../escrow/key-place.ts';
import type { PeopleOf } from '../plan/feasibility.ts';
import type { DeclaredGap, KeyAsset, PostgresAsset } from '../plan/schema.ts';

type JudgedGaps = { gaps: readonly Pick<DeclaredGap, 'id' | 'what' | 'bound' | 'objective'>[] };

export type JudgedDatabase = Pick<PostgresAsset, 'kind' | 'id' | 'objectives' | 'needsKeys'> &
  JudgedGaps & {
    /** With which secrets backups and restores log in; not known to watchers of before. */
    source?: Pick<PostgresAsset['source'], 'secret'> | undefined;
    restore?: (Pick<NonNullable<PostgresAsset['restore']>, 'secret'> & PeopleOf['restore']) | undefined;
    /** How long people take; not known to watchers. */
    expected?: PeopleOf['expected'];
    schedule: Pick<PostgresAsset['schedule'], 'longestRun'>;
    drill: Pick<PostgresAsset['drill'], 'period'> & {
      schedule: Pick<PostgresAsset['schedule'], 'longestRun'>;
      canaries: readonly Pick<PostgresAsset['drill']['canaries'][number], 'key'>[];
    };
  };
export type JudgedKey = Pick<KeyAsset, 'kind' | 'id' | 'objectives'> &
  JudgedGaps & {
    /** Where the key is in use; not known to watchers of before. */
    source?: PlanSource | undefined;
    escrow: {
      schedule: Pick<KeyAsset['escrow']['schedule'], 'longestRun'>;
      offline?: KeyAsset['escrow']['offline'];
    };
  };
export type JudgedAsset = JudgedDatabase | JudgedKey;
export type JudgedPlan = { assets: readonly JudgedAsset[]; gaps: readonly unknown[] };
