/** How a program with options begins and is interrupted. */
import { undoAll } from './machine/clean-up.ts'

type Program<Options> = {
  /** @returns the options, or what is wrong with them */
  readonly parse: (args: string[]) => Options | string
  readonly usage: string
  readonly main: (options: Options, args: string[]) => Promise<number>
}

/** Ends the process with the exit code of `main`, with 0 after the usage, or with 2 where the options are wrong. */
export async function run<Options extends { readonly help: boolean }>({ parse, usage, main }: Program<Options>): Promise<never> {
  const args = process.argv.slice(2)
  const options = parse(args)
  if (typeof options === 'string') {
    console.error(options)
    process.exit(2)
  }
  if (options.help) {
    console.log(usage)
    process.exit(0)
  }
  process.exit(await main(options, args))
}

/** Ctrl+C and `kill` end the process with 130, after what `undoing` has registered is undone. */
export function undoWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void undoAll().finally(() => process.exit(130)))
  }
}

/** @throws when the text is no number above 0 */
export function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0.`)
  return value
}
