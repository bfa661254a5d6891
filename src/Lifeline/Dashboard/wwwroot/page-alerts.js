import { h } from './dom.js';
import { dateAndClock } from './format.js';
import { rights, toast } from './actions.js';
import * as api from './api.js';
import * as store from './store.js';

// The alerts that are open, to be acknowledged.

export function render(main) {
  const list = h('div', { class: 'scroll-x' });
  main.append(h('div', { class: 'bar' }, h('h1', {}, 'Alerts')), h('section', { class: 'card', 'aria-label': 'Open alerts' }, list));

  async function acknowledge(alert, button) {
    button.disabled = true;
    try {
      await api.acknowledge(alert.id);
      toast(`${alert.rule} of ${alert.service} is acknowledged.`);
      await show();
    } catch (error) {
      button.disabled = false;
      toast(error.message);
    }
  }

  const row = alert => {
    const button = h('button', { type: 'button', disabled: !rights.may_change || Boolean(alert.acknowledged_at), onclick: () => acknowledge(alert, button) }, alert.acknowledged_at ? 'Acknowledged' : 'Acknowledge');
    return h('tr', {},
      h('td', {}, alert.service ? h('a', { href: `#/services/${encodeURIComponent(alert.service)}` }, alert.service) : 'Lifeline'), h('td', {}, h('span', { class: 'badge', 'data-tone': 'bad' }, alert.rule)), h('td', {}, alert.raised_at ? dateAndClock(alert.raised_at) : '–'),
      h('td', {}, alert.alert), h('td', {}, alert.suppressed ? `${alert.suppressed} more were held back` : ''), h('td', {}, alert.id === undefined ? '' : button));
  };

  async function show() {
    try {
      const open = await api.alerts();
      list.replaceChildren(open.length === 0 ? h('p', { class: 'empty' }, 'Nothing is wrong.') : h('table', {},
        h('thead', {}, h('tr', {}, ['Service', 'What', 'Since', 'Told to', '', 'Acknowledge'].map(title => title ? h('th', { scope: 'col' }, title) : h('td', {})))), h('tbody', {}, open.map(row))));
    } catch (error) {
      list.replaceChildren(h('p', { class: 'empty' }, error.message));
    }
  }

  const off = store.on('events', batch => { if (batch.some(event => event.kind.startsWith('alert.'))) show(); });
  show();
  return { leave: off, key(event) { if (event.key !== 'Escape') return false; location.hash = '#/'; return true; } };
}
