namespace EventBroker.Endpoints.Streaming;

// Beats for one stream until it is disposed.
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly IHasHeartbeat _stream;
    private readonly ITimer _timer;
    private Task _beat = Task.CompletedTask;

    public Heartbeat(IHasHeartbeat stream, TimeSpan interval, TimeProvider time)
    {
        _stream = stream;
        _timer = time.CreateTimer(static state => ((Heartbeat)state!).Beat(), this, interval, interval);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _beat;
    }

    private void Beat()
    {
        if (_beat.IsCompleted)
        {
            _beat = BeatAsync();
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            await _stream.BeatAsync();
        }
#pragma warning disable CA1031 // The connection is gone; its pump has noticed or will, and says why.
        catch (Exception)
#pragma warning restore CA1031
        {
            await _timer.DisposeAsync();
        }
    }
}
