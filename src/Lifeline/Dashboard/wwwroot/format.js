// Values as people say them.

export function span(milliseconds) {
  let seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const days = Math.floor(seconds / 86400); seconds -= days * 86400;
  const hours = Math.floor(seconds / 3600); seconds -= hours * 3600;
  const minutes = Math.floor(seconds / 60); seconds -= minutes * 60;
  if (days) return `${days}d ${hours}h`;
  if (hours) return `${hours}h ${minutes}m`;
  return minutes ? `${minutes}m ${seconds}s` : `${seconds}s`;
}

export function micros(value) {
  if (value === null || value === undefined) return '–';
  if (value < 1000) return `${value} µs`;
  if (value < 1e6) return `${(value / 1000).toFixed(1)} ms`;
  return `${(value / 1e6).toFixed(2)} s`;
}

export function bytes(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 2 ** 30) return `${(value / 2 ** 30).toFixed(1)} GiB`;
  if (value >= 2 ** 20) return `${(value / 2 ** 20).toFixed(1)} MiB`;
  return `${Math.round(value / 1024)} KiB`;
}

// Made once: a browser needs longer to make one than to lay out the line that it is for.
const clockFormat = new Intl.DateTimeFormat([], { hour: 'numeric', minute: 'numeric', second: 'numeric', hour12: false });
const dateFormat = new Intl.DateTimeFormat();

export function clock(time) {
  const date = new Date(time);
  return `${clockFormat.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function dateAndClock(time) {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(time) : `${dateFormat.format(date)} ${clockFormat.format(date)}`;
}

// The kernel has begun to end it, and its end is not known yet.
export const stateText = service => service.dying ? `${service.state} (dying)` : service.state;

export const stateTone = { running: 'good', starting: 'busy', stopping: 'busy', waiting: 'busy', backoff: 'warn', failed: 'bad' };
export const healthTone = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' };

const signals = { 1: 'SIGHUP', 2: 'SIGINT', 3: 'SIGQUIT', 4: 'SIGILL', 6: 'SIGABRT', 7: 'SIGBUS', 8: 'SIGFPE', 9: 'SIGKILL', 10: 'SIGUSR1', 11: 'SIGSEGV', 12: 'SIGUSR2', 13: 'SIGPIPE', 14: 'SIGALRM', 15: 'SIGTERM' };

export function death(reason, signal, exitCode) {
  const how = signal ? `killed by ${signals[signal] ?? `signal ${signal}`}` : exitCode !== null && exitCode !== undefined ? `exited with ${exitCode}` : '';
  const words = { exited: how, signaled: how, lost: 'ended unseen', exec_failed: 'could not be executed', start_timeout: 'was not ready in time', memory_limit: 'reached its memory limit', process_limit: 'had more processes than it may', probe: 'failed its probe' };
  return words[reason] || (how ? `${reason}, ${how}` : reason ?? '');
}

/** What a service that does not run last said of itself matters less than why it does not run. */
export function statusText(service) {
  if (service.state === 'failed' && service.because) return service.because;
  if (['failed', 'backoff', 'exited'].includes(service.state) && service.last_death) {
    const last = service.last_death;
    return death(last.reason, last.signal, last.exit_code);
  }
  return (service.state === 'waiting' && service.because) || (service.status?.text ?? '');
}

/** The data of an event as one line. */
export function eventText(event) {
  const data = event.data ?? {};
  switch (event.kind) {
    case 'service.died': return `${death(data.reason, data.signal, data.exit_code)}${data.error ? ` (${data.error})` : ''}${data.detect_us !== undefined && data.detect_us !== null ? `, seen after ${micros(data.detect_us)}` : ''}`;
    case 'service.reclaimed': return `${(data.steps ?? []).map(step => `${step.kind} ${step.what} ${step.outcome}`).join(', ') || 'nothing was left'}; took ${micros(data.took_us)}`;
    case 'service.failed': return `${data.because}${data.retry_ms === null || data.retry_ms === undefined ? '' : `; tried again in ${span(data.retry_ms)}`}`;
    case 'service.health': return `${data.from} → ${data.to}`;
    case 'service.ready': return `after ${micros(data.after_us)}`;
    case 'service.status': return [data.text, ...Object.entries(data.fields ?? {}).map(([key, value]) => `${key}=${value}`), data.code ? `code ${data.code}` : ''].filter(Boolean).join(', ');
    case 'service.backoff': return `next start in ${data.delay_ms} ms, attempt ${data.attempt}`;
    default: return Object.entries(data).filter(([, value]) => value !== null).map(([key, value]) => key === 'text' ? value : `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
  }
}

export function eventTone(kind) {
  if (/\.(failed|hung|died|lost)$|reclaim_failed|alert\.raised/.test(kind)) return 'bad';
  if (/backoff|stopping|dying/.test(kind)) return 'warn';
  if (/ready|resolved|started|recovered|adopted/.test(kind)) return 'good';
  return undefined;
}
