/** The texts that backplanes over Redis publish to see whether Redis delivers. They are no messages of nodes. */

/**
 * How every probe begins: as the snapshot of a node for one that does not exist. A backplane of an earlier release passes it to its node,
 * which ignores a snapshot for another node before it verifies the signature, and counts nothing.
 */
const beginning = `${'0'.repeat(64)}[1,"",0,{"type":"snapshot","to":"probe `

/** The probe of earlier releases, the same for all nodes. */
const emptyProbe = ''

/** A probe that no other backplane has. */
export function newProbe(random: () => number): string {
  return `${beginning}${random()}"},0]`
}

/** Whether a message is the probe of any backplane. */
export function isProbe(message: string): boolean {
  return message === emptyProbe || message.startsWith(beginning)
}
