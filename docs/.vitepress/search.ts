/**
 * How the search of the site takes texts apart. VitePress writes these two functions into the pages: they can use nothing outside
 * of themselves.
 */

/** The words of a page: the name of a setting or command counts whole, and so do its parts. */
export function indexed(text: string): string[] {
  return text
    .split(/[\n\r\p{Z}\p{S}]+|(?![_:-])\p{P}+/u)
    .flatMap(word => [word.replaceAll(/^[_:-]+|[_:-]+$/g, ''), ...(/[_:-]/.test(word) ? word.split(/[_:-]+/) : [])])
    .filter(word => word !== '')
}

/** The words of a question: REVURB_BUN asks for that name, and not for each page that has "bun". */
export function searched(text: string): string[] {
  return text
    .split(/[\n\r\p{Z}\p{S}]+|(?![_:-])\p{P}+/u)
    .map(word => word.replaceAll(/^[_:-]+|[:-]+$/g, ''))
    .filter(word => word !== '')
}
