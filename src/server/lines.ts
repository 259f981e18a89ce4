/** Splits text that arrives in pieces into lines, at line feeds and nowhere else. */

/** Yields one line after the other, and ends with the input. */
export async function* lines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const splitter = new LineSplitter()
  for await (const piece of input) yield* splitter.add(piece)
  yield* splitter.end()
}

export class LineSplitter {
  private readonly decoder = new TextDecoder()
  private rest = ''

  /** Returns the lines that are complete with this piece. */
  add(piece: Uint8Array | string): string[] {
    this.rest += typeof piece === 'string' ? piece : this.decoder.decode(piece, { stream: true })
    const complete = this.rest.split('\n')
    this.rest = complete.pop()!
    return complete
  }

  /** Returns the text after the last line feed as a line, if there is any. */
  end(): string[] {
    return this.rest === '' ? [] : [this.rest]
  }
}
