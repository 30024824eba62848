/** Since this major version being a member of a role and giving it something, or becoming it, are two rights. */
const FIRST_WITH_SET_OPTION = 16;

/** SQL: what pg_has_role is asked for, where a role is to be given something. */
export const RIGHT_TO_GIVE = `CASE WHEN current_setting('server_version_num')::int >= ${FIRST_WITH_SET_OPTION * 10_000} THEN 'SET' ELSE 'MEMBER' END`;
