/**
 * A run's id as a pattern of a policy, where `?` is one character. `*` would let `drill-*` match `drill-result-…`, which is
 * another role's to write.
 */
export const ANY_RUN = '????????T??????Z-??????';
