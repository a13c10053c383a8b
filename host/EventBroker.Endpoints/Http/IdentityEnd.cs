using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Http;

// Ends a call of many messages with its caller's identity. An authorizer may set or change the end whenever it is asked.
internal sealed class IdentityEnd : IDisposable
{
    // A timer counts no further; whatever is published until then looks again.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly Caller _caller;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private DateTimeOffset? _watched;

    public IdentityEnd(Caller caller, TimeProvider time, CancellationToken callEnd)
    {
        _caller = caller;
        _time = time;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, callEnd);
        Watch();
    }

    // The end of the identity, or of the call.
    public CancellationToken Token => Either.Token;

    public bool HasCome => _end.IsCancellationRequested;

    private CancellationTokenSource Either { get; }

    public static BrokerException Told() => new(BrokerErrorCode.Unauthenticated, "the caller's identity has expired: authenticate again");

    // Looks where the end is now.
    public void Watch()
    {
        if (_caller.ExpiresAt == _watched)
        {
            return;
        }

        var left = _caller.ExpiresAt is { } end ? end - _time.GetUtcNow() : TimeSpan.MaxValue;
        if (left > Longest)
        {
            // Not yet watched, so that it is looked at again.
            _watched = null;
            _end.CancelAfter(Timeout.InfiniteTimeSpan);
            return;
        }

        _watched = _caller.ExpiresAt;
        if (left <= TimeSpan.Zero)
        {
            _end.Cancel();
        }
        else
        {
            _end.CancelAfter(left);
        }
    }

    public void Dispose()
    {
        Either.Dispose();
        _end.Dispose();
    }
}
