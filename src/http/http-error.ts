import type { RequestRefusal } from '../protocol/refusal.ts'

/** An answer that is not 200, as its sender should see it. */
export class HttpError extends Error {
  override readonly name = 'HttpError'

  constructor(
    readonly status: number,
    readonly refusal: RequestRefusal,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }
}

/** 422: what is wrong with each field, in Laravel's form and words. */
export class InvalidBody extends Error {
  override readonly name = 'InvalidBody'

  constructor(readonly fields: Readonly<Record<string, readonly string[]>>) {
    super('The body is invalid.')
  }
}
