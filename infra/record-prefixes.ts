/** First parts of the keys of everything in a vault that is kept and is not the bytes of a dump. Notes of failures are not kept. */
export const RECORD_PREFIXES = ['catalog', 'chain', 'runs', 'evidence'] as const;
