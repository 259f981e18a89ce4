import { describe, expect, test } from 'bun:test'
import { apiWith } from '../support/api.ts'

describe('the target of a request', () => {
  test.each(['/up', '//up', '/up?x=://y/z', '//up#hash'])('is %p where the request has no valid host', async url => {
    expect((await apiWith().api({ method: 'GET', url, headers: new Headers() } as Request))!.status).toBe(200)
  })

  test.each([
    ['/up', 200],
    ['/up?', 200],
    ['/up?x=1', 200],
    ['/up#hash', 200],
    ['/up?x=1#hash', 200],
    ['/up#hash?x', 200],
    ['/UP', 404],
    ['', 404],
  ])('is found in %p', async (url, status) => expect((await apiWith().get(url)).status).toBe(status))
})
