/** Ids of sockets: two numbers from 1 to 1,000,000,000, as Reverb's are, that cannot be predicted from other ids. */

const most = 1_000_000_000
/** Generated at once: a call for each number takes ten times as long. */
const numbers = new Uint32Array(512)
let next = numbers.length

/** @param taken the sockets that there are, by their ids */
export function newSocketId(taken: ReadonlyMap<string, unknown>): string {
  for (;;) {
    const id = `${random()}.${random()}`
    if (!taken.has(id)) return id
  }
}

/** Values above the last whole multiple of the range are drawn again: their remainders would make small numbers likelier. */
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
