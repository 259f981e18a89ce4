/** The length of a text in UTF-8, and in memory. */

/** Whether a text is longer than so many bytes of UTF-8. They are counted only where the number of characters does not decide it. */
export function exceedsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes
}

/** The bytes that the characters of a text take in memory: one each in ASCII, and two each in any other text, as in JavaScriptCore. */
export function bytesInMemory(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length
}
