using System.IO.Pipelines;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.Sse;

// Of a stream that waits for its event.
internal sealed class SseHeartbeat(PipeWriter writer, StreamConnection connection, WriteTurn turn) : IHasHeartbeat
{
    public ValueTask BeatAsync() => turn.TryWriteAsync(async () => await writer.WriteAsync(SseEvents.Heartbeat, connection.Aborted));
}
