using System.Collections.Concurrent;
using EventBroker.Client.Connections;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Resilience;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Broker.V1;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>Lets publishes that are under way at the same time share a call, as far as the broker knows such calls and none holds up the others.</summary>
/// <remarks>A stream is opened, beside the publishes, once two of them are under way, and is used when it has been seen to work; until then, and
/// whenever it is of no use, each has a call of its own. Every publisher (<c>x-source</c>) has its own stream.</remarks>
internal sealed class SharedPublishing(BrokerConnection connection, CallHeaders headers, string? source) : IDisposable
{
    // A larger message gains nothing, and the others would wait for it.
    private const int LargestMessage = 64 * 1024;

    // How long the broker may say nothing before the messages that come next go their own ways, and for how long those of the events that
    // it says nothing of do.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Detour = TimeSpan.FromSeconds(30);

    // Tokens are asked for anew as often as that; without any it lets load balancers have a word now and then.
    private static readonly TimeSpan ShortLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, long> _slow = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private volatile PublishStream? _stream;
    private ITimer? _care;
    private int _underWay;
    private int _failures;
    private long _notBefore;
    private bool _isOpening;
    private bool _isDisposed;

    /// <summary>Notes that a publish begins.</summary>
    public void Enter() => Interlocked.Increment(ref _underWay);

    /// <summary>Notes that a publish has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _underWay);

    /// <summary>Publishes over the stream.</summary>
    /// <param name="item">The message.</param>
    /// <param name="size">How large it is, at the most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the message needs a call of its own: there is no stream for it, or the stream has ended without an answer.</returns>
    /// <exception cref="EventBrokerException">The broker has refused the message, or the connection broke.</exception>
    public ValueTask<bool> TryPublishAsync(PublishItem item, int size, CancellationToken cancellationToken)
    {
        if (size > LargestMessage || Find(item.Event) is not { } stream)
        {
            return new(false);
        }

        var message = new PendingPublish(item, size);
        return stream.TryAdd(message) ? WaitAsync(message, cancellationToken) : new(false);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _care?.Dispose();
        }

        _closing.Cancel();
        _stream?.Cut();
        _closing.Dispose();
    }

    private static async ValueTask<bool> WaitAsync(PendingPublish message, CancellationToken cancellationToken)
    {
        using var givingUp = cancellationToken.UnsafeRegister(static (self, token) => ((PendingPublish)self!).Abandon(token), message);
        var answer = await message.Task.ConfigureAwait(false);
        return answer.Failure is null ? answer.IsGiven : throw answer.Failure;
    }

    private PublishStream? Find(string eventName)
    {
        var stream = _stream;
        if (stream is null or { IsOver: true })
        {
            if (Volatile.Read(ref _underWay) > 1)
            {
                OpenBeside();
            }

            return null;
        }

        if (stream.SilentFor() > Patience)
        {
            var until = After(Detour);
            foreach (var slow in stream.Events())
            {
                _slow[slow] = until;
            }

            return null;
        }

        if (_slow.IsEmpty || !_slow.TryGetValue(eventName, out var end))
        {
            return stream;
        }

        if (connection.Time.GetTimestamp() < end)
        {
            return null;
        }

        _slow.TryRemove(eventName, out _);
        return stream;
    }

    private void OpenBeside()
    {
        lock (_lock)
        {
            if (_isOpening || _isDisposed || connection.HasNoPublishStreams || connection.Time.GetTimestamp() < _notBefore)
            {
                return;
            }

            _isOpening = true;
        }

        _ = Detached.Run(OpenAsync);
    }

    private async Task OpenAsync()
    {
        PublishStream? stream = null;
        try
        {
            stream = await PublishStream.OpenAsync(connection, headers, source, OpeningLimit, _closing.Token).ConfigureAwait(false);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            connection.HasNoPublishStreams = true;
        }
#pragma warning disable CA1031 // Whatever it is, such as a token provider's own: the publishes themselves will say.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClientLog.NoPublishStream(connection.Logger, exception.Message);
        }

        lock (_lock)
        {
            _isOpening = false;
            if (stream is null)
            {
                _failures++;
                _notBefore = After(Backoff.Limit(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), _failures));
                return;
            }

            _failures = 0;
            _stream = stream;
            if (!_isDisposed)
            {
                _care ??= Detached.Create(() => connection.Time.CreateTimer(
                    static self => ((SharedPublishing)self!).Care(), this, MostIdle / 3, MostIdle / 3));
                return;
            }
        }

        stream.Cut();
    }

    // Ends what nobody uses and what is too old. There is a timer only while there is a stream.
    private void Care()
    {
        lock (_lock)
        {
            if (_stream is { IsOver: false } stream)
            {
                var age = connection.Time.GetElapsedTime(stream.OpenedAt);
                if (age < (headers.HasTokenProvider ? ShortLife : LongLife) && stream.IdleFor() < MostIdle)
                {
                    return;
                }

                stream.Close();
            }

            _stream = null;
            _care?.Dispose();
            _care = null;
        }
    }

    private long After(TimeSpan time) =>
        connection.Time.GetTimestamp() + (long)(time.TotalSeconds * connection.Time.TimestampFrequency);
}
