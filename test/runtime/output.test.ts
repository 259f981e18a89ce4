import { expect, test } from 'bun:test'
import { Output } from '../../src/runtime/output.ts'

/** A pipe that is full or not as the test says. */
function pipe() {
  const written: string[] = []
  const resumes: (() => void)[] = []
  const state = { isFull: false }
  const output = new Output({
    write(text) {
      written.push(text)
      return !state.isFull
    },
    once: (_, resume) => resumes.push(resume),
  })
  const drain = () => {
    for (const resume of resumes.splice(0)) resume()
  }
  return { output, written, state, resumes, drain }
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>(resolve => void setImmediate(resolve, false))])
}

test('a line is one write, with its end', async () => {
  const { output, written } = pipe()
  expect(output.write('{}')).toBe(true)
  expect(written).toEqual(['{}\n'])
  expect(await isDone(output.taken())).toBe(true)
})

test('what a full pipe has not taken is waited for', async () => {
  const { output, state, resumes, drain } = pipe()
  state.isFull = true
  expect([output.write('a'), output.write('b')]).toEqual([false, false])
  expect(resumes).toHaveLength(1)
  const taken = output.taken()
  expect(await isDone(taken)).toBe(false)
  drain()
  expect(await isDone(taken)).toBe(true)
})

test('so is what whoever waited for the pipe writes into it then', async () => {
  const { output, state, resumes, drain } = pipe()
  state.isFull = true
  output.write('a')
  resumes.push(() => output.write('b'))
  const taken = output.taken()
  drain()
  expect(await isDone(taken)).toBe(false)
  drain()
  expect(await isDone(taken)).toBe(true)
})
