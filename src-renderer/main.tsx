/** Entry of the page: starts the one live console and draws it. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConsoleContext, startConsole } from './connection/console.ts';
import { detectTransport } from './connection/transport.ts';
import './styles/app.css';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no #root');
const live = startConsole(detectTransport(window));
createRoot(root).render(
  <ConsoleContext value={live}>
    <App />
  </ConsoleContext>,
);
