/**
 * What is built from what: three Node entries (desktop main, headless host, command line) into out/main as ESM,
 * the preload as one CommonJS file (a sandboxed preload can load nothing else), and the console into out/renderer.
 * Runtime dependencies stay outside the bundles; only the renderer carries its libraries with it.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string): string => resolve(root, path);

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      target: 'node24',
      sourcemap: true,
      minify: false,
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          electron: at('src-main/hosts/electron/main.ts'),
          headless: at('src-main/hosts/headless/main.ts'),
          cli: at('src-main/cli/main.ts'),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      sourcemap: true,
      minify: false,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: at('src-main/hosts/electron/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [react(), tailwindcss()],
    build: {
      outDir: at('out/renderer'),
      target: 'chrome130',
      minify: true,
      sourcemap: false,
      rolldownOptions: { input: at('src-renderer/index.html') },
    },
  },
});
