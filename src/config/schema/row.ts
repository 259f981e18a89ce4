/**
 * What the schema says of one setting. From the rows come the values of absent keys, the bounds that the decoder checks, the places that
 * faults name, the tables of the documentation and `php-bridge/Bridge/Schema.php`: `make schema` writes the last two.
 */

type Common = {
  /** The last part of its path in the document and of its key in config/reverb.php. */
  readonly name: string
  /** A sentence for the reference of the documentation, in Markdown. Bounds and defaults are added to it. */
  readonly meaning: string
  /** The variable of .env that the published config/reverb.php reads. */
  readonly variable?: string
  /** The option of `reverb:start`. */
  readonly option?: string
  readonly isRequired?: true
  /** The key is Revurb's own; the others are Reverb's. */
  readonly isOurs?: true
  /** The value in the published file, where an absent key has another one. */
  readonly published?: boolean | number | string | null
  /** The published file does not have the key: it has to be added. */
  readonly isUnpublished?: true
}

export type BooleanRow = Common & { readonly type: 'boolean'; readonly default: boolean }

export type IntegerRow = Common & {
  readonly type: 'integer'
  /** `Infinity` where an absent key sets no limit. */
  readonly default: number
  readonly min?: number
  readonly max?: number
  /** What 0 stands for, where it is not 0. */
  readonly zero?: number
  /** The value of the preset `pusher`, where it is another one. */
  readonly pusher?: number
}

export type TextRow = Common & {
  readonly type: 'text'
  readonly default: string | null
  /** Names under which people configure it by mistake. */
  readonly misnomers?: readonly string[]
}

export type TextsRow = Common & { readonly type: 'texts'; readonly default: readonly string[] }

export type ChoiceRow<Value extends string = string> = Common & {
  readonly type: 'choice'
  readonly values: readonly Value[]
  readonly default: Value | null
  readonly pusher?: Value
}

/** A value of more than one part: what decodes it does more than its row says. */
type OtherRow = Common & { readonly type: 'object' | 'list'; readonly default: null | readonly [] }

export type Row = BooleanRow | IntegerRow | TextRow | TextsRow | ChoiceRow | OtherRow

/** Rows by the names of their values in the code. */
export type Rows = Readonly<Record<string, Row>>

/** Rows that stand under the same path and the same key. */
export type Group = {
  /** In the document; empty for its own members, null where it does not have the rows. */
  readonly path: string | null
  /** In config/reverb.php; empty for its own members, null where it does not have the rows. */
  readonly key: string | null
  readonly rows: Rows
}

/** The value of an absent key that sets no limit, and of 0 where that lifts it. */
export const unlimited = Number.POSITIVE_INFINITY
