import { EventEmitter } from 'node:events';
import type { WebContents, WindowOpenHandlerResponse } from 'electron';
import { describe, expect, it } from 'vitest';
import { confineNavigation, EXTERNAL_ORIGINS, mayOpenOutside } from './navigation.ts';

const confined = () => {
  let windowOpen: ((details: { url: string }) => WindowOpenHandlerResponse) | undefined;
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof windowOpen) => {
      windowOpen = handler;
    },
  });
  const opened: string[] = [];
  const refused: string[] = [];
  confineNavigation(contents as unknown as WebContents, {
    openOutside: (url) => opened.push(url),
    refused: (what, url) => refused.push(`${what} ${url}`),
  });
  const ask = (name: string, url: string, ...rest: unknown[]): boolean => {
    let prevented = false;
    contents.emit(name, { url, preventDefault: () => (prevented = true) }, ...rest);
    return !prevented;
  };
  return { ask, open: (url: string) => windowOpen?.({ url }), opened, refused };
};

describe('confineNavigation', () => {
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('%s stays within the console', (name) => {
    const { ask, refused } = confined();
    expect(ask(name, 'app://console/')).toBe(true);
    for (const url of ['https://www.tradingview.com/', 'file:///etc/passwd', 'javascript:alert(1)', 'app://other/', 'data:text/html,x']) {
      expect(ask(name, url)).toBe(false);
    }
    expect(refused).toHaveLength(5);
  });

  it('refuses embedded pages', () => {
    const { ask, refused } = confined();
    expect(ask('will-attach-webview', '', {}, { src: 'app://console/' })).toBe(false);
    expect(refused).toEqual(['embedded page app://console/']);
  });

  it('denies every new window and hands listed https links to the browser', () => {
    const { open, opened, refused } = confined();
    const listed = `${EXTERNAL_ORIGINS[0]}/chart?x=1`;
    expect(open(listed)).toEqual({ action: 'deny' });
    expect(open('https://evil.example/')).toEqual({ action: 'deny' });
    expect(open('app://console/')).toEqual({ action: 'deny' });
    expect(opened).toEqual([listed]);
    expect(refused).toEqual(['new window https://evil.example/', 'new window app://console/']);
  });
});

describe('mayOpenOutside', () => {
  it.each([
    ['https://www.tradingview.com/a', true],
    ['http://www.tradingview.com/', false],
    ['https://www.tradingview.com.evil.example/', false],
    ['https://www.tradingview.com@evil.example/', false],
    ['https://user@www.tradingview.com/', false],
    ['https://www.tradingview.com:444/', false],
    ['file:///C:/x.exe', false],
    ['', false],
  ])('%s → %s', (url, expected) => expect(mayOpenOutside(url)).toBe(expected));
});
