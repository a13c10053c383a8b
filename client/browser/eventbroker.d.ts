/** A message as the broker delivers it. */
export interface Message {
  id: string;
  source?: string;
  /** The payload's bytes in base64; absent when it is empty. */
  payload?: string;
  metadata?: Record<string, string>;
  /** RFC 3339. */
  timestamp?: string;
  /** How often the message was handed over before. */
  retry_count?: number;
  /** Absent with `autoAck`. */
  ack_id?: string;
  /** Where to go on behind it; absent where the transport can't replay. */
  cursor?: string;
  /** How many messages retention has removed right before this one. */
  missed?: number;
}

/**
 * - `connecting`: for the first time.
 * - `waiting`: connected; the event is not registered yet.
 * - `open`: messages come.
 * - `reconnecting`: cut off, and coming back by itself after a pause.
 * - `closed`: for good; the detail says why.
 */
export type State = 'connecting' | 'waiting' | 'open' | 'reconnecting' | 'closed';

/** What the broker said, with its gRPC code. */
export interface BrokerError {
  error: string;
  code?: number;
  reason?: string;
}

export interface StateDetail {
  /** With `closed`: `closed` by the page, `refused` by the broker, or `taken over` by another subscriber with the same consumer id. */
  reason?: 'closed' | 'refused' | 'taken over';
  error?: BrokerError;
  /** With `reconnecting`: the pause in milliseconds. */
  delay?: number;
  /** The HTTP status, over SSE, where the answer was not 200. */
  status?: number;
  /** The code of the close frame, over WebSocket. */
  closeCode?: number;
}

/** Messages that should have come and won't. */
export interface Loss {
  /**
   * - `missed`: retention has removed `missed` messages.
   * - `lost`: the place is from before the broker lost its data, or retention has gone beyond it.
   * - `new`: the broker does not know the consumer id any more.
   * - `unknown`: the transport keeps nothing, so nobody can tell.
   */
  outcome: 'missed' | 'lost' | 'new' | 'unknown';
  missed?: number;
}

export interface Options {
  /** Handles a message. It is acked when this returns (or its promise is fulfilled), and given back when it throws. */
  handle(message: Message): unknown;
  /** Default `sse`. */
  over?: 'sse' | 'websocket';
  onState?(state: State, detail: StateDetail): void;
  onLost?(loss: Loss): void;
  /** Sent as a bearer token (SSE) or as `access_token` (WebSocket); a function is asked before each connection. */
  accessToken?: string | (() => string | Promise<string>);
  deliveryMode?: 'broadcast' | 'worker_pool';
  workerGroup?: string;
  consumerId?: string;
  /** Whether to take the consumer id from whoever has it when the subscription is made; it never does so when it comes back by itself. Default true. */
  takeover?: boolean;
  /** Where a new subscription, worker group or consumer id begins. */
  startFrom?: 'beginning' | 'latest' | 'timestamp';
  startTime?: string;
  /** A duration such as `90s`. */
  maxAge?: string;
  latestOnly?: boolean;
  maxInFlight?: number;
  /** A duration such as `90s`. */
  ackTimeout?: string;
  /** The broker settles each message when it has written it. */
  autoAck?: boolean;
  /** The pause before the first attempt to come back, which doubles from one to the next, in milliseconds. Default 500; the real pause is half of it to all of it. */
  firstBackoff?: number;
  /** Default 15 000 ms. */
  longestBackoff?: number;
  /** After how many milliseconds without a word the connection counts as dead; longer than the broker's heartbeat. Default 75 000. */
  silence?: number;
  /** Where jitter comes from; for tests. */
  random?(): number;
}

/** A subscription that comes back by itself until it is closed. */
export class Subscription {
  constructor(broker: string | URL, event: string, options: Options);
  readonly state: State;
  /** 0 while there is no connection or no event, 1 while messages come, 2 once it is closed for good. */
  readonly readyState: 0 | 1 | 2;
  close(): void;
}

/**
 * Subscribes to an event.
 * @param broker The broker's address, such as `https://broker.example.com`.
 * @param event The event's name. One that is not registered yet is waited for.
 */
export function subscribe(broker: string | URL, event: string, options: Options): Subscription;
