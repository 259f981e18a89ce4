/** One thing that is wrong with an application or its machine, and what an operator reads of it. */
import type { ConfiguredApp } from '../support/laravel/configured-app.ts'
import type { Shape } from '../support/laravel/shape.ts'

export type Fault = Pick<Shape, 'env' | 'config' | 'php'> & {
  /** What is wrong, as a sentence. */
  readonly name: string
  /** Breaks what is no part of the configuration. What it returns undoes that, if the folder of the application is not all. */
  readonly cause?: (app: ConfiguredApp) => undefined | Disposable | Promise<undefined | Disposable>
  /** Of `reverb:start --check`: the exit code, and text that its output holds. */
  readonly check: Ending
  /** Of `reverb:start`: how it ends, or the text of a line that it prints while it serves. */
  readonly start: Ending | { readonly serves: string }
  /** The check of the doctor that reports it, how, and text of the sentence or of the cure. */
  readonly doctor: Finding
}

export type Ending = { readonly code: number; readonly says: string }

type Finding = {
  readonly check: string
  readonly status: 'problem' | 'warning'
  readonly code: string
  readonly says: string
}
