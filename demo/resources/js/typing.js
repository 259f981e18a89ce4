/** Whispers say that somebody types, none says that they stopped: whoever is silent this long has. */
const SILENCE_MS = 3000

export class Typing {
  #line
  #typists = new Map()

  constructor(line) {
    this.#line = line
  }

  start({ id, name }) {
    clearTimeout(this.#typists.get(id)?.timer)
    this.#typists.set(id, { name, timer: setTimeout(() => this.stop(id), SILENCE_MS) })
    this.#render()
  }

  stop(id) {
    clearTimeout(this.#typists.get(id)?.timer)
    this.#typists.delete(id)
    this.#render()
  }

  #render() {
    const names = [...this.#typists.values()].map(typist => typist.name)
    this.#line.textContent = names.length === 0 ? '' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing`
  }
}
