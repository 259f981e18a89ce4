/** How the process ends. `docs/bridge.md` says what a parent makes of each. */
export const exitCode = {
  stopped: 0,
  cannotListen: 69,
  crashed: 70,
  badConfig: 78,
} as const
