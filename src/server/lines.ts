/** Text that comes in pieces, cut into lines: at line feeds and nowhere else. */

/** One line after the other; ends with the input. */
export async function* lines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const cutter = new LineCutter()
  for await (const piece of input) yield* cutter.add(piece)
  yield* cutter.end()
}

export class LineCutter {
  private readonly decoder = new TextDecoder()
  private rest = ''

  /** The lines that are whole with that piece. */
  add(piece: Uint8Array | string): string[] {
    this.rest += typeof piece === 'string' ? piece : this.decoder.decode(piece, { stream: true })
    const whole = this.rest.split('\n')
    this.rest = whole.pop()!
    return whole
  }

  /** What came behind the last line feed. */
  end(): string[] {
    return this.rest === '' ? [] : [this.rest]
  }
}
