import { byId, setText } from './dom.js';
import * as api from './api.js';

// Orders with a question before them, and what came of them said aloud.

export const rights = { may_change: false, may_read_secrets: false };

let known;

/** Settled once it was asked what this visitor may do. */
export const rightsKnown = new Promise(resolve => { known = resolve; });

export function grant(monitor) {
  Object.assign(rights, monitor);
  known();
}

let hide = 0;

export function toast(text) {
  setText(byId('toast'), text);
  clearTimeout(hide);
  hide = setTimeout(() => setText(byId('toast'), ''), 5000);
}

const asks = {
  restart: name => [`Restart ${name}?`, 'Its process is asked to stop, what it leaves behind is cleaned up, and a new one is started.'],
  stop: name => [`Stop ${name}?`, 'It stays stopped until somebody starts it.'],
  start: name => [`Start ${name}?`, 'A failed service tries again at once.'],
};

function confirmed(title, text, verb) {
  const dialog = byId('confirm');
  setText(byId('confirm-title'), title);
  setText(byId('confirm-text'), text);
  setText(byId('confirm-yes'), verb);
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}

export async function act(what, name) {
  if (!rights.may_change) {
    toast('To give orders, open the link that "lifeline dashboard" prints.');
    return;
  }
  const verb = what[0].toUpperCase() + what.slice(1);
  if (!await confirmed(...asks[what](name), verb)) return;
  try {
    await api.order(name, what);
    toast(`${verb} of ${name} is ordered.`);
  } catch (error) {
    toast(error.message);
  }
}
