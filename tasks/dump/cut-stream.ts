/** Cuts one stream of bytes into consecutive ones of at most `maxBytes`: concatenated they are the stream again. */
export async function* cutStream(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]();
  // What was read and not yet given away. A piece is only begun when there is a byte for it: no empty object at the end.
  let held: Uint8Array | undefined;
  const more = async () => {
    while (held === undefined || held.length === 0) {
      const next = await iterator.next();
      if (next.done) return false;
      held = next.value;
    }
    return true;
  };

  async function* piece(): AsyncGenerator<Uint8Array> {
    let room = maxBytes;
    while (room > 0 && (await more()) && held !== undefined) {
      const taken = held.subarray(0, room);
      held = held.subarray(taken.length);
      room -= taken.length;
      yield taken;
    }
  }

  try {
    while (await more()) yield piece();
  } finally {
    await iterator.return?.();
  }
}
