/** A path as messages show it: `assets[postgres].lock.length`. Assets go by their id where no other asset has the same. */
export function formatPath(path: readonly PropertyKey[], plan: unknown): string {
  const text = path.map((part, i) => {
    if (typeof part === 'number') return `[${i === 1 && path[0] === 'assets' ? assetName(plan, part) : part}]`;
    return i === 0 ? String(part) : `.${String(part)}`;
  });
  return text.join('') || '(plan)';
}

function assetName(plan: unknown, index: number): string {
  const assets =
    isRecord(plan) && Array.isArray(plan['assets'])
      ? plan['assets'].map((asset: unknown) => (isRecord(asset) ? asset['id'] : undefined))
      : [];
  const id = assets[index];
  return typeof id === 'string' && assets.filter((other) => other === id).length === 1 ? id : String(index);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
