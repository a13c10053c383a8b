import { Backoff } from './backoff.js';
import { Held } from './held.js';
import { SseStream } from './sse.js';
import { WebSocketStream } from './websocket.js';

// What stays as it is however often it is asked: a wrong request, a denial, no such call, a failed precondition.
const final = new Set([3, 7, 9, 12]);
const unauthenticated = 16;
const connections = { sse: SseStream, websocket: WebSocketStream };

export function subscribe(broker, event, options) {
  return new Subscription(broker, event, options);
}

export class Subscription {
  #options;
  #broker;
  #event;
  #held;
  #backoff;
  #state = 'connecting';
  #stream;
  #attempt = 0;
  #wasOpen = false;
  #isRefreshed = false;
  #outcome;
  #takesOver;
  #timer;
  #watch;
  #heardAt = 0;
  #online = () => this.#hurry();

  constructor(broker, event, options) {
    if (!connections[options.over ?? 'sse']) {
      throw new TypeError(`over is '${options.over}'; allowed: sse, websocket`);
    }

    if (typeof options.handle !== 'function') {
      throw new TypeError('handle must be a function that takes a message');
    }

    this.#options = options;
    this.#broker = String(broker).replace(/\/$/, '');
    this.#event = event;
    this.#held = new Held(!options.consumerId && options.deliveryMode !== 'worker_pool');
    this.#backoff = new Backoff(options.firstBackoff ?? 500, options.longestBackoff ?? 15_000, options.random);
    this.#takesOver = Boolean(options.consumerId) && (options.takeover ?? true);
    globalThis.addEventListener?.('online', this.#online);
    this.#watch = setInterval(() => this.#lookForSilence(), 1000);
    this.#connect();
  }

  // One of: connecting, waiting (the event is not registered yet), open, reconnecting or closed.
  get state() {
    return this.#state;
  }

  // As EventSource and WebSocket have it: 0, 1, 2.
  get readyState() {
    return this.#state === 'open' ? 1 : this.#state === 'closed' ? 2 : 0;
  }

  close() {
    this.#close({ reason: 'closed' });
  }

  async #connect() {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    let token;
    try {
      token = typeof this.#options.accessToken === 'function' ? await this.#options.accessToken() : this.#options.accessToken;
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#comeBack({ error: { error: String(error) } });
      }

      return;
    }

    // Somebody may have closed it, or come back sooner, meanwhile.
    if (attempt !== this.#attempt || this.#state === 'closed') {
      return;
    }

    this.#outcome = undefined;
    this.#held.restart();
    this.#heardAt = Date.now();
    const ifCurrent = action => value => {
      if (attempt === this.#attempt) {
        action(value);
      }
    };
    this.#stream = new connections[this.#options.over ?? 'sse'](this.#addresses(), token, {
      heard: ifCurrent(() => { this.#heardAt = Date.now(); }),
      frame: ifCurrent(frame => this.#frame(frame)),
      ended: ifCurrent(end => this.#ended(end)),
    });
  }

  #addresses() {
    const options = this.#options;
    const query = new URLSearchParams({ wait: 'true' });
    const set = (name, value) => value !== undefined && value !== '' && query.set(name, String(value));
    set('delivery_mode', options.deliveryMode);
    set('worker_group', options.workerGroup);
    set('consumer_id', options.consumerId);
    set('max_age', options.maxAge);
    set('latest_only', options.latestOnly);
    set('max_in_flight', options.maxInFlight);
    set('ack_timeout', options.ackTimeout);
    set('auto_ack', options.autoAck);
    set('takeover', this.#takesOver || undefined);
    if (this.#held.place === undefined) {
      set('start_from', options.startFrom);
      set('start_time', options.startTime);
    } else {
      set('last_event_id', this.#held.place);
    }

    const event = `${this.#broker}/v1/events/${encodeURIComponent(this.#event)}`;
    return {
      stream: `${event}/stream?${query}`,
      subscribe: `${event.replace(/^http/, 'ws')}/subscribe?${query}`,
      ack: `${this.#broker}/v1/ack`,
    };
  }

  #frame(frame) {
    switch (frame.type) {
      case 'waiting':
        this.#set('waiting');
        break;
      case 'resumed':
        this.#resumed(frame.outcome);
        break;
      case 'subscribed':
        this.#opened(frame.cursor);
        break;
      case 'message':
        this.#take(frame);
        break;
      default:
        // A heartbeat, or what a later broker may say.
    }
  }

  // A place that was new the first time is a lost one the second time.
  #resumed(outcome) {
    this.#outcome = outcome;
    if (outcome === 'lost' || (outcome === 'new' && this.#wasOpen)) {
      this.#options.onLost?.({ outcome });
    }
  }

  #opened(cursor) {
    // Nobody remembers where it was, so nobody can say what lies between.
    if (this.#wasOpen && !this.#options.consumerId && this.#options.deliveryMode !== 'worker_pool' && this.#held.place === undefined) {
      this.#options.onLost?.({ outcome: 'unknown' });
    }

    if (cursor && this.#outcome === 'lost') {
      this.#held.lose(cursor);
    } else if (cursor) {
      this.#held.begin(cursor);
    }

    this.#wasOpen = true;
    this.#isRefreshed = false;
    this.#takesOver = false;
    this.#backoff.reset();
    this.#set('open');
  }

  async #take(message) {
    if (message.missed) {
      this.#options.onLost?.({ outcome: 'missed', missed: message.missed });
    }

    switch (this.#held.take(message)) {
      case 'settle':
        this.#settle(message.id, message.ack_id);
        break;
      case 'handle':
        try {
          await this.#options.handle(message);
          this.#settle(message.id, this.#held.end(message.id, true));
        } catch (error) {
          this.#settle(message.id, this.#held.end(message.id, false), String(error?.message ?? error) || 'failed');
        }

        break;
      default:
        // It is being handled; its last copy is settled then.
    }
  }

  #settle(id, ackId, error) {
    if (!ackId) {
      this.#held.confirm(id);
      return;
    }

    this.#stream?.settle({
      wire: error ? { ack_id: ackId, error } : { ack_id: ackId },
      settled: isSettled => isSettled && !error && this.#held.confirm(id),
    });
  }

  #ended(end) {
    this.#stream = undefined;
    const { error } = end;
    if (error?.reason === 'taken_over') {
      this.#close({ reason: 'taken over', error });
    } else if (error && final.has(error.code)) {
      this.#close({ reason: 'refused', error });
    } else if (error?.code === unauthenticated) {
      // A token may have run out; one that has just been asked for has not.
      if (typeof this.#options.accessToken !== 'function' || this.#isRefreshed) {
        this.#close({ reason: 'refused', error });
      } else {
        this.#isRefreshed = true;
        this.#comeBack(end);
      }
    } else {
      this.#comeBack(end);
    }
  }

  #comeBack(end) {
    const delay = this.#backoff.next(end.retry);
    this.#set('reconnecting', { delay, error: end.error, status: end.status, closeCode: end.closeCode });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), delay);
  }

  // The network is back: nobody has to wait for the end of a pause.
  #hurry() {
    if (this.#state === 'reconnecting') {
      this.#connect();
    }
  }

  #lookForSilence() {
    if (this.#stream && Date.now() - this.#heardAt > (this.#options.silence ?? 75_000)) {
      this.#drop();
      this.#comeBack({ error: { error: 'nothing was heard for too long' } });
    }
  }

  // Whatever it still says is not listened to.
  #drop() {
    this.#attempt++;
    this.#stream?.close();
    this.#stream = undefined;
  }

  #close(detail) {
    if (this.#state === 'closed') {
      return;
    }

    this.#drop();
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    globalThis.removeEventListener?.('online', this.#online);
    this.#set('closed', detail);
  }

  #set(state, detail = {}) {
    if (state !== this.#state || state === 'reconnecting') {
      this.#state = state;
      this.#options.onState?.(state, detail);
    }
  }
}
