import { expect, test } from 'bun:test'
import { maxWaitingBytes, Output } from '../../src/runtime/output.ts'

/** A pipe that is full while the test sets `isFull`. */
function pipe() {
  const written: string[] = []
  const resumes: (() => void)[] = []
  const state = { isFull: false }
  const stream = {
    write(text: string) {
      written.push(text)
      return !state.isFull
    },
    once: (_: 'drain', resume: () => void) => resumes.push(resume),
  }
  const output = new Output(stream, count => `${count} dropped`)
  const drain = () => {
    for (const resume of resumes.splice(0)) resume()
  }
  return { output, written, state, resumes, drain }
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>(resolve => void setImmediate(resolve, false))])
}

test('stdout is given each line in one write, with its line feed', async () => {
  const { output, written } = pipe()
  output.write('{}')
  output.send('{}')
  expect(written).toEqual(['{}\n', '{}\n'])
  expect(await isDone(output.taken())).toBe(true)
})

test('a full pipe is given nothing more until it drains, and its end waits for that', async () => {
  const { output, written, state, resumes, drain } = pipe()
  state.isFull = true
  output.write('a')
  output.write('b')
  output.send('c')
  expect(written).toEqual(['a\n'])
  expect(resumes).toHaveLength(1)
  const taken = output.taken()
  drain()
  expect(written).toEqual(['a\n', 'b\n'])
  expect(await isDone(taken)).toBe(false)
  state.isFull = false
  drain()
  expect(written).toEqual(['a\n', 'b\n', 'c\n'])
  expect(await isDone(taken)).toBe(true)
})

test('lines of the log are queued within a bound in bytes, and dropped and counted beyond it', () => {
  const { output, written, state, drain } = pipe()
  state.isFull = true
  output.write('first')
  const line = '✓'.repeat(1000)
  const fitting = Math.floor(maxWaitingBytes / (Buffer.byteLength(line) + 1))
  for (let i = 0; i < fitting + 5; i++) output.write(line)
  // No log line is sent before the report of dropped ones, but a line that the parent relies on is never dropped.
  output.write('small')
  output.send('ready')
  state.isFull = false
  drain()
  expect(written).toHaveLength(1 + fitting + 1 + 1)
  expect(written.slice(-2)).toEqual(['ready\n', '6 dropped\n'])
  output.write('again')
  expect(written.at(-1)).toBe('again\n')
})

test('a line that is offered is queued within the same bound, and is not counted where there is no room for it', () => {
  const { output, written, state, drain } = pipe()
  expect(output.offer('status')).toBe(true)
  state.isFull = true
  output.write('first')
  expect(output.offer('x'.repeat(maxWaitingBytes))).toBe(false)
  expect(output.offer('second')).toBe(true)
  output.write('x'.repeat(maxWaitingBytes))
  expect(output.offer('third')).toBe(false)
  state.isFull = false
  drain()
  expect(written).toEqual(['status\n', 'first\n', 'second\n', '1 dropped\n'])
  expect(output.offer('third')).toBe(true)
})
