/**
 * JSONata as the workflows write it. Step Functions fails a state whose expression yields nothing, so whatever may be absent has a
 * default. ARNs and other names that CDK fills in later never stand inside an expression: its quotes would not survive them.
 */

export const expression = (jsonata: string) => `{% ${jsonata} %}`;

/** A text as a JSONata literal. */
export const literal = (text: string) => JSON.stringify(text);

/** `path`, or `fallback` where the path leads nowhere. Both are JSONata. */
export const orElse = (path: string, fallback: string) => `($exists(${path}) ? ${path} : ${fallback})`;

/** As `plural` of core writes it, with the verb that goes with it. `count` is JSONata. */
export const counted = (count: string, one: string, many: string) =>
  `(${count} = 1 ? ${literal(`1 ${one}`)} : ${count} & ${literal(` ${many}`)})`;

/** Step Functions refuses a longer `Cause`. */
const LONGEST_CAUSE = 32_000;
export const asCause = (jsonata: string) => expression(`$substring($string(${jsonata}), 0, ${LONGEST_CAUSE})`);

/**
 * JSONata that builds an object key at run time. The key comes from the builders of core/vault/keys.ts, called with
 * `<placeholders>`; `values` gives the JSONata of each, so that nothing else spells a key.
 */
export const keyExpression = (key: string, values: Record<string, string>) =>
  key
    .split(/(<\w+>)/)
    .filter((part) => part !== '')
    .map((part) => values[part] ?? literal(part))
    .join(' & ');
