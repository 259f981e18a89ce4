/** JSON bodies, judged field by field in the words of Laravel's validator. */
import { parseJson } from '../protocol/json.ts'
import { HttpError, InvalidBody } from './http-error.ts'

export type Body = Readonly<Record<string, unknown>>

/** @throws HttpError 400 when the text is not JSON, or a bare value */
export function parseBody(text: string): Body {
  const value = parseJson(text)
  if (value === undefined) throw new HttpError(400, 'request-not-json', 'The body is not JSON.')
  if (typeof value !== 'object' || value === null) throw new HttpError(400, 'request-not-json', 'The body must be a JSON object.')
  return asBody(value)
}

/** A list, or what is no object, is an object without any field. */
export function asBody(value: unknown): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}
}

/** Collects what is wrong; `prefix` stands in front of every field's name. */
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

  /** A text that has to be there. */
  requiredText(field: string, value: unknown): string {
    if (isBlank(value)) this.required(field)
    else if (typeof value !== 'string') this.mustBe(field, 'a string')
    return typeof value === 'string' ? value : ''
  }

  /** A text that may be left out; null is not left out. */
  optionalText(field: string, value: unknown): string | undefined {
    if (value === undefined || typeof value === 'string') return value
    this.mustBe(field, 'a string')
    return undefined
  }

  /** @throws InvalidBody when anything was wrong */
  finish(): void {
    if (this.faults !== undefined) throw new InvalidBody(this.faults)
  }
}

const notBlank = /[^ \t\n\r\0\v]/

/** Null, nothing but what PHP's `trim` removes, or an empty list or object: what Laravel takes for not given. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return !notBlank.test(value)
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Laravel makes words of plain names only. */
function words(field: string): string {
  return field.includes('.') ? field : field.replaceAll('_', ' ')
}
