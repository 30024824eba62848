import { isSlot } from './ids.ts';

/** The point whose folder of the catalog a key is in; undefined for any other key. */
export function pointOfKey(key: string): { system: string; asset: string; point: string } | undefined {
  const [top, system, asset, point, ...rest] = key.split('/');
  if (top !== 'catalog' || !system || !asset || !point || rest.length !== 1 || !isSlot(point)) return undefined;
  return { system, asset, point };
}
