/**
 * How a test acts on the machine around the application: presses a global shortcut, drags the window, reads what would
 * have been shown outside the page. Node's own IPC channel to the parent; without a parent there is simply nobody to ask.
 */
export interface WindowReport {
  readonly id: number;
  readonly url: string;
  readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly visible: boolean;
  readonly maximized: boolean;
  /** Times it was brought to the front. */
  readonly focused: number;
  readonly webPreferences: Readonly<Record<string, unknown>>;
}

export interface OutsideReport {
  readonly openedOutside: readonly string[];
  readonly errorBoxes: ReadonlyArray<{ readonly title: string; readonly content: string }>;
  readonly shortcuts: readonly string[];
  readonly windows: readonly WindowReport[];
}

export type ControlRequest =
  | { readonly act: 'report' }
  | { readonly act: 'press-shortcut'; readonly accelerator: string }
  | { readonly act: 'place-window'; readonly bounds: WindowReport['bounds'] }
  | { readonly act: 'close-window' };

export type ControlMessage =
  | { readonly event: 'app-ready' }
  | { readonly event: 'chromium'; readonly debuggingUrl: string }
  | { readonly event: 'answer'; readonly id: number; readonly report?: OutsideReport; readonly error?: string };

/** Sends to the parent, if there is one. */
export const tell = (message: ControlMessage): void => {
  if (process.connected) process.send?.(message);
};

/** Answers the parent's requests. */
export const answerControl = (act: (request: ControlRequest) => Promise<OutsideReport> | OutsideReport): void => {
  process.on('message', (message: { id: number; request: ControlRequest }) => {
    Promise.resolve()
      .then(() => act(message.request))
      .then(
        (report) => tell({ event: 'answer', id: message.id, report }),
        (error: unknown) => tell({ event: 'answer', id: message.id, error: String(error) }),
      );
  });
  // The channel alone must not keep an application alive that has nothing left to do.
  process.channel?.unref();
};
