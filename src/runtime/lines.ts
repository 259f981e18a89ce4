/** The lines of an input that is read once, such as stdin. */
import { LineSplitter } from '../cluster/line-splitter.ts'

/** Yields one line after the other, and ends with the input. */
export async function* lines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const splitter = new LineSplitter()
  for await (const piece of input) yield* splitter.add(piece)
  yield* splitter.end()
}
