/** One fault of an application or its machine, and the output in which an operator finds it. */
import type { ConfiguredApp } from '../support/laravel/configured-app.ts'
import type { Shape } from '../support/laravel/shape.ts'

export type Fault = Pick<Shape, 'env' | 'config' | 'php'> & {
  /** The fault, as a clause. */
  readonly name: string
  /** Causes a fault outside of the configuration. The function it returns undoes what deleting the application's folder does not. */
  readonly cause?: (app: ConfiguredApp) => undefined | Disposable | Promise<undefined | Disposable>
  /** The exit code of `reverb:start --check`, and text in its output. */
  readonly check: Ending
  /** How `reverb:start` ends, or text of a line that it prints while it serves. */
  readonly start: Ending | { readonly serves: string }
  /** The check of the doctor that reports it, its status, and text of its detail or its fix. */
  readonly doctor: Finding
}

export type Ending = { readonly code: number; readonly contains: string }

type Finding = {
  readonly check: string
  readonly status: 'problem' | 'warning'
  readonly code: string
  readonly contains: string
}
