namespace EventBroker.Client.Bus;

/// <summary>The time that the handling of one message may take.</summary>
internal sealed class HandlingTime : IDisposable
{
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;

    private HandlingTime(TimeSpan limit, TimeProvider time, Lane lane, CancellationToken stopping)
    {
        _timeout = new CancellationTokenSource(limit, time);

        // A handler that does not heed its token must not keep the message for ever.
        _timeout.Token.UnsafeRegister(static lane => ((Lane)lane!).End(), lane);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, stopping);
    }

    public CancellationToken Token => _either.Token;

    public bool IsOver => _timeout.IsCancellationRequested;

    /// <summary>Starts the clock; null if there is no limit.</summary>
    public static HandlingTime? Start(TimeSpan? limit, TimeProvider time, Lane lane, CancellationToken stopping) =>
        limit is { } value ? new HandlingTime(value, time, lane, stopping) : null;

    public void Dispose()
    {
        _either.Dispose();
        _timeout.Dispose();
    }
}
