export class WebSocketStream {
  #socket;
  #handlers;
  #error;
  #settling = new Map();

  constructor(address, token, handlers) {
    this.#handlers = handlers;
    const url = new URL(address.subscribe);
    if (token) {
      url.searchParams.set('access_token', token);
    }

    const socket = this.#socket = new WebSocket(url);
    socket.onopen = () => handlers.heard();
    socket.onmessage = e => this.#frame(JSON.parse(e.data));
    socket.onclose = e => this.#end(e.code);
  }

  // A close frame is not waited for: where it is needed most, nobody answers it.
  close() {
    this.#socket.close(1000);
    this.#end(1000);
  }

  settle(entry) {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#settling.set(entry.wire.ack_id, entry);
      this.#socket.send(JSON.stringify({ type: 'ack', ...entry.wire, results: true }));
    }
  }

  #frame(frame) {
    this.#handlers.heard();
    if (frame.type === 'ack_result') {
      this.#settling.get(frame.ack_id)?.settled(frame.result === 'settled');
      this.#settling.delete(frame.ack_id);
    } else if (frame.type === 'error') {
      this.#error = frame;
    } else {
      this.#handlers.frame(frame);
    }
  }

  #end(code) {
    const handlers = this.#handlers;
    this.#handlers = { heard() {}, frame() {}, ended() {} };
    handlers.ended({ closeCode: code, error: this.#error });
  }
}
