/**
 * The clock of a server, in milliseconds. It is monotonic, as nobody can set it while the process runs. It has begun at the time of day, so
 * that servers whose machines have the right time can compare when they have accepted their clients.
 */
export const clockMs = (): number => performance.timeOrigin + performance.now()
