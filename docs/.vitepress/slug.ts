/**
 * The anchor of a heading as GitHub makes it, so that a link works there and on the site alike.
 *
 * @param heading as it is shown, without its markup
 */
export function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}
