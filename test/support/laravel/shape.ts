/** The configuration of an application: the lines of its `.env` file, its `config/reverb.php`, and how its server is started. */

export type Shape = {
  /** What is particular about it. */
  readonly name: string
  /** Lines of `.env` beside or in place of the stock ones, raw as they stand in the file; null leaves a stock line out. `{port}` is the server's port, `{folder}` that of the application. */
  readonly env?: Readonly<Record<string, string | null>>
  /** PHP statements that change `$config`, which is the stock file; null: there is no `config/reverb.php`. */
  readonly config?: string | null
  /** Options of `reverb:start`. */
  readonly options?: readonly string[]
  /** Options of PHP itself, in front of `artisan`. */
  readonly php?: readonly string[]
  /** Variables of the process, as a container or a process manager sets them. */
  readonly variables?: Readonly<Record<string, string>>
  /** Whether `php artisan config:cache` has run. */
  readonly cached?: boolean
  /** The app key, prefix and origin of a client, where they are not the stock ones. */
  readonly client?: { readonly key?: string; readonly prefix?: string; readonly origin?: string; readonly tls?: boolean }
  /** The credentials of a publisher, where they are not the stock ones. */
  readonly publisher?: { readonly id?: string; readonly secret?: string }
  /** What Revurb does with it. */
  readonly expect: Expectation
}

type Expectation = {
  /**
   * Text of the one error with which `reverb:start` ends, of `reverb:start --check`, and of the doctor; undefined where the
   * server serves, `--check` passes and the doctor has no problem to report but `problems`.
   */
  readonly refused?: string
  /** Text of a warning that `--check` prints. */
  readonly warns?: string
  /** Checks in which the doctor finds a problem although the server serves: no server answers at the address that this shape gives publishers or browsers. */
  readonly problems?: readonly string[]
  /** The outcome for clients and publishers where it differs from that recorded of Reverb, which serves no client there. */
  readonly outcome?: Outcome
}

/** The outcome for a client and a publisher. */
export type Outcome = {
  /** False: the command ended instead. */
  readonly serves: boolean
  /** The last frame of a client that connects and subscribes, with the code of an error. */
  readonly client: string
  /** The status of a signed publish, and whether it reached a subscriber. */
  readonly publish: string
}
