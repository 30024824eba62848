/** Characters in the name of a custodian or a witness. */
export const LONGEST_NAME = 100;
