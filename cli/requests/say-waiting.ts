import { HoldfastError } from '../../core/failure/error.ts';
import type { VaultPlace } from '../connection.ts';
import { instant } from '../output/instant.ts';
import type { Context } from '../verb.ts';
import { readRequestOf } from './read.ts';

/** What whoever waits tells those who may approve. Undefined where the request cannot be read: it stands in `holdfast requests` all the same. */
export const sayWaiting =
  (context: Context, place: VaultPlace = 'vault') =>
  async (execution: string): Promise<string | undefined> => {
    try {
      const found = await readRequestOf(context, execution, place);
      if (found === undefined) return undefined;
      const { run, expiresAt } = found.records.request;
      return `It waits until ${instant(expiresAt)} for: npx holdfast approve ${run}${place === 'replica' ? ' --from replica' : ''}`;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      return undefined;
    }
  };
