/** JSON bodies, validated field by field in the words of Laravel's validator. */
import { parseJson } from '../protocol/json.ts'
import { HttpError, InvalidBody } from './http-error.ts'

export type Body = Readonly<Record<string, unknown>>

/** @throws HttpError 400 where the text is not JSON, or neither an object nor a list */
export function parseBody(text: string): Body {
  const value = parseJson(text)
  if (value === undefined) throw new HttpError(400, 'request-not-json', 'The body is not JSON.')
  if (typeof value !== 'object' || value === null) throw new HttpError(400, 'request-not-json', 'The body must be a JSON object.')
  return asBody(value)
}

/** The fields of a JSON value. A list, and any other value that is no object, has none. */
export function asBody(value: unknown): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}
}

/** Collects the faults of all fields. */
export class Validator {
  private faults: Record<string, string[]> | undefined

  add(field: string, message: string): void {
    this.faults ??= {}
    this.faults[field] = [...(this.faults[field] ?? []), message]
  }

  required(field: string): void {
    this.add(field, `The ${words(field)} field is required.`)
  }

  requiredWithout(field: string, other: string): void {
    this.add(field, `The ${words(field)} field is required when ${other} is not present.`)
  }

  mustBe(field: string, type: 'a string' | 'an array'): void {
    this.add(field, `The ${words(field)} field must be ${type}.`)
  }

  /** A text that is required. */
  requiredText(field: string, value: unknown): string {
    if (isBlank(value)) this.required(field)
    else if (typeof value !== 'string') this.mustBe(field, 'a string')
    return typeof value === 'string' ? value : ''
  }

  /** A text that may be absent; null is a fault. */
  optionalText(field: string, value: unknown): string | undefined {
    if (value === undefined || typeof value === 'string') return value
    this.mustBe(field, 'a string')
    return undefined
  }

  /** @throws InvalidBody where there is a fault */
  finish(): void {
    if (this.faults !== undefined) throw new InvalidBody(this.faults)
  }
}

const notBlank = /[^ \t\n\r\0\v]/

/** Whether Laravel takes a value for absent: null, a text of characters that PHP's `trim` removes, an empty list or object. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return !notBlank.test(value)
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** The name of a field in a message. Laravel replaces underscores in plain names alone. */
function words(field: string): string {
  return field.includes('.') ? field : field.replaceAll('_', ' ')
}
