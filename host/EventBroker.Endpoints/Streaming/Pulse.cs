using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Streaming;

// The signs of life of all streams: when each is to give one, and when the other side has to have answered.
internal sealed class Pulse : IDisposable
{
    private readonly DueLine<Heartbeat> _beats;
    private readonly DueLine<Heartbeat>? _answers;

    public Pulse(IOptions<EventBrokerOptions> options, TimeProvider time)
    {
        var settings = options.Value;
        _beats = new DueLine<Heartbeat>(settings.HeartbeatInterval, time, static (heartbeat, _) => heartbeat.Beat());
        _answers = settings.PongTimeout == TimeSpan.Zero
            ? null
            : new DueLine<Heartbeat>(settings.PongTimeout, time, static (heartbeat, late) => heartbeat.LookForAnswer(late));
    }

    // Whether anybody looks for answers.
    public bool AsksForAnswers => _answers is not null;

    // Beats until it is disposed.
    public Heartbeat Start(IHasHeartbeat stream) => new(stream, _beats, _answers);

    public void Dispose()
    {
        _beats.Dispose();
        _answers?.Dispose();
    }
}
