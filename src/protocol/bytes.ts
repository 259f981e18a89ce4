/** Whether a text is longer than so many bytes of UTF-8; counts them only where the number of characters leaves it open. */
export function exceedsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes
}
