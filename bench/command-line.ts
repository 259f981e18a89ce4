/** Runs a command-line program: options, exit code, and clean-up when it is interrupted. */
import { cleanUpAll } from './machine/clean-up.ts'

type Program<Options> = {
  /** @returns the options, or an error message */
  readonly parse: (args: string[]) => Options | string
  readonly usage: string
  readonly main: (options: Options, args: string[]) => Promise<number>
}

/** Exits with the code of `main`, with 0 after the usage, or with 2 when the options are wrong. */
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

/** SIGINT and SIGTERM run the registered clean-ups, and then exit with 130. */
export function cleanUpWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void cleanUpAll().finally(() => process.exit(130)))
  }
}

/** @throws when the text is not a number above 0 */
export function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0.`)
  return value
}
