/** Why a test cannot run on this machine. Said aloud, for `describe.skipIf`: a test that is left out in silence proves nothing. */
export function lacks(what: string, ...reasons: (string | false)[]): boolean {
  const reason = reasons.find(reason => typeof reason === 'string')
  if (reason !== undefined) console.warn(`Left out: ${what}: ${reason}.`)
  return reason !== undefined
}

/** The reason, where a program is missing. */
export function without(program: string, debianPackage: string): string | false {
  return (
    Bun.which(program, { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }) === null &&
    `there is no ${program} (apt-get install ${debianPackage})`
  )
}

export const withoutRoot: string | false = process.getuid?.() !== 0 && 'it takes root'
