/** An ECDSA P-256 key that signs digests and never leaves its service. */
export type Signer = {
  /** @param sha256 digest of what is signed; answers a DER signature and the id of the key that made it. */
  sign(sha256: Uint8Array): Promise<{ signature: Uint8Array; keyId: string }>;
  /** The public half, PEM (SubjectPublicKeyInfo). */
  publicKeyPem(): Promise<string>;
};
