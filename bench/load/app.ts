/** The one application that every contestant serves. */
export const app = { id: '1001', key: 'app-key', secret: 'app-secret' }
