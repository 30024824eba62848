/** First parts of the keys of everything in a vault that is not the bytes of a dump. */
export const RECORD_PREFIXES = ['catalog', 'chain', 'runs', 'evidence'] as const;
