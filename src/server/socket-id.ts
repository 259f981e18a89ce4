/** Ids of sockets: two numbers as Reverb makes them, from 1 to 1,000,000,000, which nobody can guess from others that they have seen. */

const most = 1_000_000_000
/** Drawn at once: a call for each number would take ten times as long. */
const numbers = new Uint32Array(512)
let next = numbers.length

/** @param taken the sockets that there are, by their ids */
export function newSocketId(taken: ReadonlyMap<string, unknown>): string {
  for (;;) {
    const id = `${random()}.${random()}`
    if (!taken.has(id)) return id
  }
}

/** What is above the last whole multiple would make small numbers likelier. */
function random(): number {
  for (;;) {
    const number = draw()
    if (number < 4 * most) return 1 + (number % most)
  }
}

function draw(): number {
  if (next === numbers.length) {
    crypto.getRandomValues(numbers)
    next = 0
  }
  return numbers[next++]!
}
