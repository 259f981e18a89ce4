export type App = { readonly id: string; readonly key: string; readonly secret: string }

/** The application that every server under test serves. */
export const app: App = { id: '1001', key: 'app-key', secret: 'app-secret' }
