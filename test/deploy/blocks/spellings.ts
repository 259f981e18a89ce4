/**
 * Spellings of a path below `/apps/`: by what is special about them. The server takes several slashes in front for one; Bun
 * resolves dots and takes a backslash for a slash.
 */
export const spellings: readonly (readonly [name: string, spelled: (api: string) => string])[] = [
  ['two slashes in front', api => `/${api}`],
  ['three slashes in front', api => `//${api}`],
  ['two slashes before apps', api => api.replace('/apps', '//apps')],
  ['a dot', api => `/.${api}`],
  ['an encoded dot', api => `/%2e${api}`],
  ['dots', api => `/x/..${api}`],
  ['dots below the path of clients', api => api.replace('/apps', '/app/../apps')],
  ['encoded dots below the path of clients', api => api.replace('/apps', '/app/%2e%2e/apps')],
  ['backslashes', api => api.replaceAll('/', '\\')],
  ['a backslash in front', api => `/\\${api.slice(1)}`],
  ['a backslash after apps', api => api.replace('/apps/', '/apps\\')],
  ['backslashes and dots', api => `/x/..${api.replaceAll('/', '\\')}`],
  ['backslashes and dots below the path of clients', api => api.replace('/apps/', '/app/..\\apps\\').replace('1001/', '1001\\')],
  ['an encoded letter', api => api.replace('/apps', '/%61pps')],
  ['an encoded slash', api => api.replace('/apps', '/%2fapps')],
]
