/** Texts that wait until they get through: the oldest go when they are too many. */
export class TextBuffer {
  private texts: string[] = []
  private characters = 0
  dropped = 0

  constructor(private readonly maxCharacters: number) {}

  add(text: string): void {
    this.texts.push(text)
    this.characters += text.length
    let first = 0
    while (this.characters > this.maxCharacters && first < this.texts.length) {
      this.characters -= this.texts[first]!.length
      first++
    }
    if (first === 0) return
    this.texts.splice(0, first)
    this.dropped += first
  }

  /** Everything, the oldest first; empty afterwards. */
  take(): string[] {
    const { texts } = this
    this.texts = []
    this.characters = 0
    return texts
  }
}
