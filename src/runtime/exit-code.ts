/** The exit codes of the process. `docs/bridge.md` says how a parent reacts to each. */
export const exitCode = {
  stopped: 0,
  cannotListen: 69,
  crashed: 70,
  badConfig: 78,
} as const
