/** Links of Markdown within the package: what is not in it is linked where the tag of the version has it. */
import { posix } from 'node:path'

export type Place = {
  /** The page, from the root of the repository. */
  readonly file: string
  /** What the package has. */
  readonly packaged: ReadonlySet<string>
  /** What the repository has. */
  readonly tracked: ReadonlySet<string>
  /** Such as `https://github.com/revurb/revurb`, and the tag. */
  readonly repository: string
  readonly tag: string
}

/** Blocks and spans of code, in which nothing is a link, and the targets of links. */
const parts =
  /^ {0,3}(?<fence>`{3,}|~{3,})[\s\S]*?^ {0,3}\k<fence>|(?<ticks>`+)(?!`)[\s\S]*?[^`]\k<ticks>(?!`)|(?<before>\]\(|^ {0,3}\[[^\]]+\]: )(?<target>[^()\s]+)/gm

export function withAbsoluteLinks(text: string, place: Place): string {
  return text.replaceAll(parts, (...match) => {
    const { before, target } = match.at(-1) as { before?: string; target?: string }
    return target === undefined ? match[0] : `${before}${linked(target, place)}`
  })
}

function linked(target: string, { file, packaged, tracked, repository, tag }: Place): string {
  if (/^(?:[a-z]+:|#)/i.test(target)) return target
  const [path, anchor] = target.split('#') as [string, string?]
  const named = posix.normalize(posix.join(posix.dirname(file), decodeURI(path))).replace(/\/$/, '')
  const isWithin = (files: ReadonlySet<string>) => files.has(named) || [...files].some(other => other.startsWith(`${named}/`))
  if (isWithin(packaged)) return target
  if (!isWithin(tracked)) throw new Error(`${file} links to ${target}, which is not in the repository`)
  const kind = tracked.has(named) ? 'blob' : 'tree'
  return `${repository}/${kind}/${tag}/${encodeURI(named)}${anchor === undefined ? '' : `#${anchor}`}`
}
