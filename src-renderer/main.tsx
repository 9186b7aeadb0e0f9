/** Entry of the page: starts the one live console and draws it. */
import './styles/app.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConsoleContext, startConsole } from './connection/console.ts';
import { detectTransport } from './connection/transport.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no #root');
const live = startConsole(detectTransport(window));
createRoot(root).render(
  <ConsoleContext value={live}>
    <App />
  </ConsoleContext>,
);
