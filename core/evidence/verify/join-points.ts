/** Folders of the catalog and of the data, side by side: both are listed once, and neither is held in memory. */
import type { ListedVersion } from '../../ports/object-store.ts';
import { isSlot } from '../../vault/ids.ts';
import { assetDataPrefix, catalogPrefix } from '../../vault/keys.ts';
import type { CheckContext } from './context.ts';
import { listKeys, type ListedKey } from './vault-copy.ts';

export type FoundPoint = {
  point: string;
  listed: ListedKey[];
  /** Undefined when data is not looked at. */
  data: ListedVersion[] | undefined;
};

/** Every folder of an asset's points, in the order of the keys. */
export async function* joinPoints(context: CheckContext, asset: string, hasData: boolean): AsyncIterable<FoundPoint> {
  const data = groupsOf(hasData ? dataVersions(context, asset) : nothing())[Symbol.asyncIterator]();
  let next = await data.next();
  for await (const { point, items } of groupsOf(catalogKeys(context, asset))) {
    // Attempts that committed nothing have data and no folder in the catalog.
    while (!next.done && isBefore(next.value.point, point)) next = await data.next();
    const found = !next.done && next.value.point === point ? next.value.items : [];
    yield { point, listed: items, data: hasData ? found : undefined };
  }
}

async function* nothing(): AsyncIterable<[string, ListedVersion]> {}

/** Keys are ordered with the slash that ends the folder's name: `…Z-m3fa9c1/` comes before `…Z/`. */
const isBefore = (a: string, b: string) => `${a}/` < `${b}/`;

async function* catalogKeys(context: CheckContext, asset: string): AsyncIterable<[string, ListedKey]> {
  const prefix = catalogPrefix(context.system, asset);
  for await (const listed of listKeys(context.copy, prefix)) {
    const [point = '', file, ...rest] = listed.key.slice(prefix.length).split('/');
    if (isSlot(point) && file !== undefined && rest.length === 0) yield [point, listed];
    else context.report('record-foreign', listed.key, 'Holdfast writes nothing of this name into the catalog');
  }
}

/** `data/<system>/<asset>/<YYYY>/<MM>/<DD>/<point>/…`: the date is the point's, so that the order is that of the points. */
async function* dataVersions({ copy, system }: CheckContext, asset: string): AsyncIterable<[string, ListedVersion]> {
  const prefix = assetDataPrefix(system, asset);
  for await (const version of copy.reader.listVersions(prefix)) yield [version.key.slice(prefix.length).split('/')[3] ?? '', version];
}

async function* groupsOf<T>(named: AsyncIterable<[string, T]>): AsyncIterable<{ point: string; items: T[] }> {
  let group: { point: string; items: T[] } | undefined;
  for await (const [point, item] of named) {
    if (group && group.point !== point) {
      yield group;
      group = undefined;
    }
    group ??= { point, items: [] };
    group.items.push(item);
  }
  if (group) yield group;
}
