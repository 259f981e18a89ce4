/** For `skipIf`: whether this machine lacks what a test needs. Prints the first reason, because a test that is skipped silently proves nothing. */
export function cannotRun(what: string, ...reasons: (string | false)[]): boolean {
  const reason = reasons.find(reason => typeof reason === 'string')
  if (reason !== undefined) console.warn(`Skipped: ${what}: ${reason}.`)
  return reason !== undefined
}

/** The reason to skip a test where a program is missing; false where it is installed. */
export function missingProgram(program: string, debianPackage: string): string | false {
  return (
    Bun.which(program, { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }) === null &&
    `there is no ${program} (apt-get install ${debianPackage})`
  )
}

/** The reason to skip a test that only root can run. */
export const withoutRoot: string | false = process.getuid?.() !== 0 && 'only root can run it'
