/**
 * Decodes foreign JSON. Each fault is collected with its path rather than thrown, so that all of them are reported at once; an unknown key
 * is a warning. Values come from PHP's `env()`: numbers and booleans may be texts, as people write them in .env.
 */

export type Fault = { readonly path: string; readonly message: string }

export class Report {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []

  fault(path: string, message: string): void {
    this.faults.push({ path, message })
  }

  warn(path: string, message: string): void {
    this.warnings.push({ path, message })
  }
}

/** The members of one JSON object. A key that is absent or null has its default; so has a faulty one, which is reported. */
export class Fields {
  private readonly known = new Set<string>()

  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    readonly path: string,
    private readonly report: Report,
  ) {}

  /** Takes an empty list, as PHP writes an empty object, and `false` for an empty object. */
  static of(value: unknown, path: string, report: Report): Fields {
    if (isObject(value)) return new Fields(value, path, report)
    if (value !== undefined && value !== null && value !== false && !isEmptyList(value))
      report.fault(path, `must be an array with keys, is ${describe(value)}`)
    return new Fields({}, path, report)
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  raw(key: string): unknown {
    this.known.add(key)
    return this.values[key] ?? undefined
  }

  object(key: string): Fields {
    return Fields.of(this.raw(key), this.at(key), this.report)
  }

  /** An object, or a text that stands for an object whose only member has that text, under the name `member`. */
  objectOrText(key: string, member: string): Fields {
    const value = this.raw(key)
    return Fields.of(typeof value === 'string' ? { [member]: value } : value, this.at(key), this.report)
  }

  /** Options of a feature that `true` turns on with its defaults; null where it is off. */
  optionsOf(key: string): Fields | null {
    if (isObject(this.raw(key))) return this.object(key)
    return this.boolean(key, false) ? Fields.of({}, this.at(key), this.report) : null
  }

  fault(key: string, message: string): void {
    this.report.fault(this.at(key), message)
  }

  warn(key: string, message: string): void {
    this.report.warn(this.at(key), message)
  }

  has(key: string): boolean {
    const value = this.raw(key)
    return value !== undefined && value !== false && !isEmptyList(value)
  }

  /**
   * A text that is required.
   *
   * @param misnomers names under which people configure it by mistake; the error names the right key
   */
  requiredText(key: string, misnomers: readonly string[] = []): string {
    const value = this.optionalText(key)
    if (value !== undefined && value !== '') return value
    const misnomer = misnomers.find(name => this.has(name))
    if (misnomer !== undefined) this.fault(misnomer, `must be called ${key}`)
    else if (value === '' || this.raw(key) === undefined) this.fault(key, 'is missing')
    return ''
  }

  optionalText(key: string): string | undefined {
    const value = this.raw(key)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    this.report.fault(this.at(key), `must be text, is ${describe(value)}`)
    return undefined
  }

  /** A list of texts, without empty ones and white space around them: it may come from variables, or from a text with commas. */
  texts(key: string, fallback: readonly string[]): readonly string[] {
    const value = this.raw(key)
    if (value === undefined) return fallback
    const trimmed = Array.isArray(value) ? value.map(item => (typeof item === 'string' ? item.trim() : item)) : undefined
    const texts = trimmed?.filter(item => !isBlank(item))
    if (texts?.every(item => typeof item === 'string')) return texts
    this.report.fault(this.at(key), `must be a list of texts, is ${describe(value)}`)
    return fallback
  }

  /** A list of objects. */
  list(key: string): Fields[] {
    const value = this.raw(key)
    if (value === undefined) return []
    if (Array.isArray(value)) return value.map((item, i) => Fields.of(item, `${this.at(key)}.${i}`, this.report))
    this.report.fault(this.at(key), `must be a list, is ${describe(value)}`)
    return []
  }

  /** A whole number; `false` is 0, as in PHP. */
  integer(
    key: string,
    fallback: number,
    { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number | undefined },
  ): number {
    const value = this.raw(key)
    if (value === undefined || value === '') return fallback
    const number = value === false ? 0 : typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
    this.report.fault(this.at(key), `must be a whole number ${range}, is ${quote(value)}`)
    return fallback
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key)
    if (value === undefined || value === '') return fallback
    const decoded = asBoolean(value)
    if (decoded === undefined) this.report.fault(this.at(key), `must be true or false, is ${quote(value)}`)
    return decoded ?? fallback
  }

  /** Accepts a key with any value, which is not decoded. */
  ignore(key: string): void {
    this.known.add(key)
  }

  /** Reports every key that was not decoded as a warning. */
  warnOfUnknown(): void {
    for (const key of Object.keys(this.values))
      if (!this.known.has(key)) this.report.warn(this.at(key), 'is not known and was ignored')
  }
}

/** The texts that PHP's FILTER_VALIDATE_BOOL accepts, in upper or lower case. */
const yes = ['1', 'true', 'on', 'yes']
const no = ['0', 'false', 'off', 'no']

/** The boolean that a value stands for; undefined where it stands for neither. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : ''
  return yes.includes(text) ? true : no.includes(text) ? false : undefined
}

/** Matches a typing error, such as `80a`, `10k` or `maybe`; keys and secrets are longer, or contain letters and digits. */
const typingError = /^[-+]?\d[\w.,]{0,11}$|^[a-z]{1,10}$/i

/** Describes a value, with the text itself where it was meant as a number or a boolean. */
export function quote(value: unknown): string {
  return typeof value === 'string' && typingError.test(value) ? `"${value}"` : describe(value)
}

/** Describes a value in the words of PHP, without the content of a text, which may be a secret. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return 'an array with keys'
  const trimmed = value.trim()
  if (trimmed === '') return value === '' ? 'empty' : 'blank'
  const length = `a text of ${value.length} character${value.length === 1 ? '' : 's'}`
  if (trimmed === value) return length
  return `${length} with white space around it`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBlank(value: unknown): boolean {
  return value === null || value === false || value === ''
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
