/** What documents print, as `holdfast: stopped` or `holdfast: running api worker` in a line of its own. Pure. */
import { StepUnusable } from './errors.ts';
import type { HostResult } from './ports.ts';

/** What a document of one's own runs, when it names nothing. */
const ALL_OF_IT = 'all';
const LINE = /^holdfast: (stopped|running)((?: [\w-]+)*)[ \t]*\r?$/gm;

/** Hosts in the order of their ids. Throws StepUnusable when one failed, or said nothing: it may run. */
export function readHosts(results: readonly HostResult[], services: readonly string[] | undefined): { id: string; running: string[] }[] {
  const failed = findFailed(results);
  if (failed !== undefined) throw new StepUnusable(`It is not known what runs: ${failed}`);
  return results
    .map(({ id, output }) => {
      const said = [...output.matchAll(LINE)].at(-1);
      if (said === undefined) throw new StepUnusable(`The host ${id} did not say what runs, in a line such as \`holdfast: stopped\``);
      const named = (said[2] ?? '').split(' ').filter((name) => name !== '');
      const running = said[1] === 'stopped' ? [] : named.length === 0 ? [ALL_OF_IT] : named;
      return { id, running: services === undefined || named.length === 0 ? running : running.filter((name) => services.includes(name)) };
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Which hosts did not do it, and how that is called; what they printed may hold anything. */
export function findFailed(results: readonly HostResult[]): string | undefined {
  const failed = results.filter(({ succeeded }) => !succeeded);
  return failed.length === 0 ? undefined : failed.map(({ id, status }) => `the command on ${id} ended as ${status}`).join(', ');
}
