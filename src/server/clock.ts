/** When the process has started by the time of day. Read once, as the getter takes 60 ns. */
const { timeOrigin } = performance

/**
 * The clock of a server, in milliseconds. It is monotonic: setting the time of the machine does not change it while the process runs. It has
 * begun at the time of day, so that servers whose machines have the right time can compare when they have accepted their clients.
 */
export const clockMs = (): number => timeOrigin + performance.now()
