using EventBroker.Nats.Connections;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Errors;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace EventBroker.Transport.Nats.Events;

/// <summary>Which events there are: those of the settings, and those that were registered, whose names stand in a key-value bucket that all
/// hosts follow.</summary>
#pragma warning disable CA1001 // The semaphore holds nothing to be disposed of: nobody asks for its wait handle.
internal sealed class EventList
#pragma warning restore CA1001
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A bucket's key can be what a subject can, and begins with something.
    private const string KeyPrefix = "event";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Registration> _registered = new(StringComparer.Ordinal);
    private readonly TransportState _transport;
    private readonly HashSet<string> _fixed;
    private readonly Action<string, ulong> _removed;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private INatsKVStore? _bucket;
    private bool _isFollowing;
    private ulong _followed;

    public EventList(TransportState transport, Action<string, ulong> removed)
    {
        _transport = transport;
        _removed = removed;
        _fixed = transport.Settings.Events.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Tells whether there is an event, and which registration it is from.</summary>
    public async ValueTask<ulong> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_fixed.Contains(name))
        {
            return 0;
        }

        lock (_gate)
        {
            if (_registered.TryGetValue(name, out var known) && !known.IsLeaving)
            {
                return known.Revision;
            }
        }

        if (await OpenAsync(cancellationToken) is { } bucket)
        {
            var found = await CallAsync(() => bucket.TryGetEntryAsync<byte[]>(ToKey(name), cancellationToken: cancellationToken), cancellationToken);
            if (found.Success)
            {
                Learn(name, found.Value.Revision);
                return found.Value.Revision;
            }
        }

        throw BrokerErrors.EventNotRegistered();
    }

    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        var names = _fixed.ToHashSet(StringComparer.Ordinal);
        if (await OpenAsync(cancellationToken) is { } bucket)
        {
            names.UnionWith(await CallAsync(() => ReadKeysAsync(bucket, cancellationToken), cancellationToken));
        }

        return names;
    }

    public async ValueTask AddAsync(string name, CancellationToken cancellationToken)
    {
        if (_fixed.Contains(name))
        {
            throw BrokerErrors.EventAlreadyRegistered();
        }

        var bucket = await OpenAsync(cancellationToken) ?? throw NotHere("registered");
        var made = await CallAsync(
            () => bucket.TryCreateAsync(ToKey(name), System.Text.Encoding.UTF8.GetBytes(name), cancellationToken: cancellationToken), cancellationToken);
        if (!made.Success)
        {
            throw made.Error is NatsKVCreateException or NatsKVWrongLastRevisionException
                ? BrokerErrors.EventAlreadyRegistered()
                : Translate(made.Error);
        }

        Learn(name, made.Value);
    }

    public async ValueTask RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (_fixed.Contains(name))
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition, $"the event stands in the settings of transport '{_transport.Name}' (events); remove it there");
        }

        var revision = await FindAsync(name, cancellationToken);
        var bucket = await OpenAsync(cancellationToken) ?? throw BrokerErrors.EventNotRegistered();

        // Marked before it is removed: what is still on its way to the follower can't bring it back, and the removal, which comes later, takes
        // the mark away.
        Mark(name, revision, isLeaving: true);
        var isRemoved = false;
        try
        {
            var removed = await CallAsync(
                () => bucket.TryDeleteAsync(ToKey(name), new NatsKVDeleteOpts { Revision = revision }, cancellationToken: cancellationToken),
                cancellationToken);
            isRemoved = removed.Success;
            if (isRemoved)
            {
                return;
            }

            // Another host was faster.
            throw removed.Error is NatsKVWrongLastRevisionException ? BrokerErrors.EventNotRegistered() : Translate(removed.Error);
        }
        finally
        {
            if (!isRemoved)
            {
                Mark(name, revision, isLeaving: false);
            }
        }
    }

    private static string ToKey(string name) => SubjectNames.ToSubject(KeyPrefix, name);

    private static async ValueTask<List<string>> ReadKeysAsync(INatsKVStore bucket, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var key in bucket.GetKeysAsync(cancellationToken: cancellationToken))
        {
            if (SubjectNames.TryToEventName(KeyPrefix, key, out var name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    private BrokerException NotHere(string what) => new(
        BrokerErrorCode.FailedPrecondition,
        $"events of transport '{_transport.Name}' can't be {what}: the NATS servers have no JetStream to keep their names; "
        + "enable it, or name the events in the transport's settings (events)");

    // Null where there is no JetStream.
    private async ValueTask<INatsKVStore?> OpenAsync(CancellationToken cancellationToken)
    {
        if (_bucket is not null)
        {
            return _bucket;
        }

        await _transport.Link.EnsureOpenAsync(cancellationToken);
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_bucket is null && _transport.Link.Connection.ServerInfo is { JetStreamAvailable: true })
            {
                _bucket = await MakeAsync(cancellationToken);
            }

            if (_bucket is not null && !_isFollowing)
            {
                _isFollowing = true;
                _ = Task.Run(() => FollowAsync(_bucket), CancellationToken.None);
            }

            return _bucket;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask<INatsKVStore?> MakeAsync(CancellationToken cancellationToken)
    {
        var context = new NatsKVContext(new NatsJSContext(_transport.Link.Connection));
        var config = new NatsKVConfig(_transport.Settings.EventBucket)
        {
            Description = "The events of EventBroker",
            NumberOfReplicas = _transport.Settings.EventBucketReplicas,
        };
        try
        {
            return await CallAsync(() => context.CreateStoreAsync(config, cancellationToken), cancellationToken);
        }
        catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.FailedPrecondition)
        {
            try
            {
                // It is there, configured otherwise.
                return await CallAsync(() => context.GetStoreAsync(config.Bucket, cancellationToken), cancellationToken);
            }
            catch (BrokerException none) when (none.Code == BrokerErrorCode.FailedPrecondition)
            {
                NatsTransportLog.NoBucket(_transport.Logger, config.Bucket, refusal.Message);
                return null;
            }
        }
    }

    private void Mark(string name, ulong revision, bool isLeaving)
    {
        lock (_gate)
        {
            if (_registered.TryGetValue(name, out var known) && known.Revision == revision)
            {
                _registered[name] = new Registration(revision, isLeaving);
            }
        }
    }

    // What an answer says. The follower may be ahead of it, and knows better then.
    private void Learn(string name, ulong revision)
    {
        lock (_gate)
        {
            if (revision > _followed && (!_registered.TryGetValue(name, out var known) || known.Revision < revision))
            {
                _registered[name] = new Registration(revision, IsLeaving: false);
            }
        }
    }

    // Returns whether whatever has the name is gone, unless it is of this revision.
    private bool Follow(string name, ulong revision, bool isThere)
    {
        lock (_gate)
        {
            _followed = Math.Max(_followed, revision);
            if (_registered.TryGetValue(name, out var known) && known.Revision >= revision)
            {
                return false;
            }

            if (isThere)
            {
                _registered[name] = new Registration(revision, IsLeaving: false);
            }
            else
            {
                _registered.Remove(name);
            }

            return true;
        }
    }

    // What other hosts register and unregister.
    private async Task FollowAsync(INatsKVStore bucket)
    {
        while (!_transport.Link.IsClosed)
        {
            try
            {
                // The bucket may be another one since, whose revisions begin anew.
                lock (_gate)
                {
                    _registered.Clear();
                    _followed = 0;
                }

                await foreach (var entry in bucket.WatchAsync<byte[]>(cancellationToken: _transport.Link.Closing))
                {
                    if (!SubjectNames.TryToEventName(KeyPrefix, entry.Key, out var name))
                    {
                        continue;
                    }

                    // Even where nothing was known by this name: the watch may have been away while it was registered anew.
                    if (!_fixed.Contains(name) && Follow(name, entry.Revision, isThere: entry.Operation == NatsKVOperation.Put))
                    {
                        _removed(name, entry.Revision);
                    }
                }
            }
            catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException)
            {
                if (!_transport.Link.IsClosed && _transport.Link.IsOpen)
                {
                    NatsTransportLog.BucketLost(_transport.Logger, bucket.Bucket, exception.Message);
                }
            }

            try
            {
                await Task.Delay(Pause, _transport.Link.Time, _transport.Link.Closing);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        await _transport.Link.EnsureOpenAsync(cancellationToken);
        try
        {
            return await call();
        }
        catch (Exception exception) when (
            exception is NatsException or TimeoutException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Translate(exception);
        }
    }

    private BrokerException Translate(Exception exception) => exception switch
    {
        _ when _transport.Link.IsClosed => BrokerErrors.TransportClosed(),
        NatsJSApiException { Error: { Code: < 500 } error } => new BrokerException(
            BrokerErrorCode.FailedPrecondition, $"JetStream refuses: {error.Description} ({error.ErrCode})", exception),
        NatsNoRespondersException or NatsJSApiNoResponseException when _transport.Link.IsOpen => new BrokerException(
            BrokerErrorCode.FailedPrecondition, "JetStream does not answer: it is not enabled for this account, or has no leader just now", exception),
        _ when _transport.Link.IsOpen => new BrokerException(BrokerErrorCode.DeadlineExceeded, "NATS did not answer in time", exception),
        _ => _transport.Link.Unreachable(exception),
    };

    private readonly record struct Registration(ulong Revision, bool IsLeaving);
}
