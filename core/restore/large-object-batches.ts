/** Large objects as the arguments of one statement: there may be hundreds of thousands, and each statement is a way to the server. */

/** A piece of a large object, at most: a larger one is written by the piece. */
export const LARGE_OBJECT_PIECE_BYTES = 1024 ** 2;
export const LARGE_OBJECT_BATCH = { objects: 1000, bytes: 4 * 1024 ** 2 };

export type LargeObjectPiece = { oid: number; offset: number; bytes: Uint8Array };

/** Three arrays, each as PostgreSQL's binary format has it. */
export const WRITE_LARGE_OBJECTS = `SELECT pg_catalog.lo_put(oid, at, bytes)
  FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]), pg_catalog.unnest($3::pg_catalog.bytea[])) AS piece (oid, at, bytes)`;

const OIDS = { bytea: 17, int8: 20, oid: 26 };

export const largeObjectArguments = (pieces: readonly LargeObjectPiece[]): [Buffer, Buffer, Buffer] => [
  binaryArray(
    OIDS.oid,
    pieces.map(({ oid }) => uint32(oid)),
  ),
  binaryArray(
    OIDS.int8,
    pieces.map(({ offset }) => int64(offset)),
  ),
  binaryArray(
    OIDS.bytea,
    pieces.map(({ bytes }) => bytes),
  ),
];

/** One dimension, no nulls, counted from 1. */
function binaryArray(elementOid: number, elements: readonly Uint8Array[]): Buffer {
  const [dimensions, hasNulls, from] = [1, 0, 1];
  const head = [dimensions, hasNulls, elementOid, elements.length, from].map(uint32);
  return Buffer.concat([...head, ...elements.flatMap((element) => [uint32(element.length), element])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
