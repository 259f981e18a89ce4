/** Splits text that arrives in pieces into lines, at line feeds and nowhere else. */
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
