/**
 * Stands in bundles for the store of branch keys of the hierarchical keyring, which brings the client of DynamoDB. Our keyring is the
 * plain one of KMS.
 */
export const isIBranchKeyStoreNode = () => false;
