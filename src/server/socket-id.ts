/** Generates socket ids: two numbers from 1 to 1,000,000,000, as in Reverb, that cannot be predicted from other ids. */

const largest = 1_000_000_000
/** Random numbers, generated 512 at a time: a call for each takes ten times as long. */
const numbers = new Uint32Array(512)
let next = numbers.length

/** @param isTaken whether an open socket has this id */
export function newSocketId(isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = `${random()}.${random()}`
    if (!isTaken(id)) return id
  }
}

/** Draws again where a value is above the last whole multiple of the range: its remainder would make small numbers likelier. */
function random(): number {
  for (;;) {
    const number = draw()
    if (number < 4 * largest) return 1 + (number % largest)
  }
}

function draw(): number {
  if (next === numbers.length) {
    crypto.getRandomValues(numbers)
    next = 0
  }
  return numbers[next++]!
}
