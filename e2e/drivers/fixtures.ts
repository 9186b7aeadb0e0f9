export interface HostOptions {
  readonly hostKind: 'headless' | 'electron-double';
}
