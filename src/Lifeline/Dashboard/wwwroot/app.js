import { byId, setText } from './dom.js';
import { forgetColors } from './draw.js';
import { grant } from './actions.js';
import * as api from './api.js';
import * as store from './store.js';
import * as alerts from './page-alerts.js';
import * as events from './page-events.js';
import * as service from './page-service.js';
import * as services from './page-services.js';

const main = byId('main');
let page = null;

function show() {
  page?.leave();
  main.replaceChildren();
  main.scrollTop = 0;
  const [, kind, name] = location.hash.split('/');
  const [module, key] = kind === 'events' ? [events, 'events'] : kind === 'alerts' ? [alerts, 'alerts'] : name ? [service, 'services'] : [services, 'services'];
  const shown = name === undefined ? undefined : decoded(name);
  page = module.render(main, shown);
  document.title = shown ? `${shown} – Lifeline` : 'Lifeline';
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.page === key) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

// Somebody may have typed the address.
function decoded(name) {
  try { return decodeURIComponent(name); } catch { return name; }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  forgetColors();
}

function remembered() {
  try { return localStorage.getItem('lifeline-theme'); } catch { return null; }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
setTheme(remembered() ?? (dark.matches ? 'dark' : 'light'));
dark.addEventListener('change', () => { if (!remembered()) setTheme(dark.matches ? 'dark' : 'light'); });
byId('theme').addEventListener('click', () => {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  setTheme(next);
  try { localStorage.setItem('lifeline-theme', next); } catch { /* a browser that keeps nothing */ }
});
byId('keys').addEventListener('click', () => byId('help').showModal());

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (['INPUT', 'SELECT', 'TEXTAREA'].includes(event.target.tagName)) return;
  const pages = { 1: '#/', 2: '#/events', 3: '#/alerts' };
  if (page?.key(event)) event.preventDefault();
  else if (pages[event.key]) location.hash = pages[event.key];
  else if (event.key === '?') byId('help').showModal();
});

const words = { live: 'live', connecting: 'connecting…', lost: 'connection lost, reconnecting…', closed: 'connection lost, trying again…' };
let wasLost = false;
store.on('connection', state => {
  const shown = byId('connection');
  shown.dataset.state = state === 'closed' ? 'lost' : state;
  setText(shown, words[state]);
  if (state === 'live' && wasLost) learnRights();
  wasLost = state !== 'live';
});

async function learnRights() {
  const notice = byId('notice');
  try {
    const monitor = await api.monitor();
    grant(monitor);
    notice.hidden = monitor.may_change;
    setText(notice, monitor.may_change ? '' : 'You are looking only. To give orders too, open the link that "lifeline dashboard" prints.');
    countAlerts();
  } catch (error) {
    notice.hidden = false;
    setText(notice, error.status === 401 ? 'Lifeline shows this only to those it knows: open the link that "lifeline dashboard" prints.' : error.message);
  }
}

async function countAlerts() {
  const count = byId('alert-count');
  try {
    const open = (await api.alerts()).alerts.filter(alert => !alert.acknowledged_at).length;
    count.hidden = open === 0;
    setText(count, String(open));
    count.setAttribute('aria-label', `${open} open`);
  } catch {
    count.hidden = true;
  }
}

let counting = 0;
const countSoon = () => { counting ||= setTimeout(() => { counting = 0; countAlerts(); }, 300); };
store.on('events', batch => { if (batch.some(event => event.kind.startsWith('alert.'))) countSoon(); });
store.on('begin', countSoon);

addEventListener('hashchange', show);
learnRights();
store.connect();
show();
