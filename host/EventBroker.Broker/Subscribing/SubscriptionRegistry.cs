using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;

namespace EventBroker.Broker.Subscribing;

/// <summary>The open subscriptions of this broker, found by the number in an ack id, and their count per connection.</summary>
internal sealed class SubscriptionRegistry
{
    private readonly ConcurrentDictionary<ulong, BrokerSubscription> _open = new();
    private readonly ConcurrentDictionary<string, int> _perConnection = new(StringComparer.Ordinal);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly uint _node = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));
    private readonly int _maxPerConnection;
    private ulong _last;
    private TaskCompletionSource? _empty;

    public SubscriptionRegistry(int maxPerConnection, ConsumerHolders holders)
    {
        _maxPerConnection = maxPerConnection;
        Holders = holders;
    }

    public ConsumerHolders Holders { get; }

    public int Count => _open.Count;

    public IEnumerable<BrokerSubscription> Open => _open.Values;

    /// <summary>Makes the ack id of a new subscription's deliveries, with sequence 0.</summary>
    public AckId NewId()
    {
        var number = Interlocked.Increment(ref _last);
        return new AckId(_node, number, Tag(number), 0);
    }

    /// <summary>Counts a new subscription of a connection.</summary>
    /// <exception cref="BrokerException">The connection has as many as it may.</exception>
    public void EnterConnection(string connectionId)
    {
        var count = _perConnection.AddOrUpdate(connectionId, 1, static (_, count) => count + 1);
        if (count > _maxPerConnection)
        {
            LeaveConnection(connectionId);
            throw new BrokerException(
                BrokerErrorCode.ResourceExhausted,
                $"a connection may hold {_maxPerConnection} subscriptions: close one or use another connection");
        }
    }

    public void LeaveConnection(string connectionId)
    {
        var left = _perConnection.AddOrUpdate(connectionId, 0, static (_, count) => count - 1);
        if (left == 0)
        {
            _perConnection.TryRemove(KeyValuePair.Create(connectionId, 0));
        }
    }

    public void Add(BrokerSubscription subscription) => _open[subscription.AckId.Subscription] = subscription;

    public void Remove(BrokerSubscription subscription)
    {
        _open.TryRemove(subscription.AckId.Subscription, out _);
        Holders.Leave(subscription);
        LeaveConnection(subscription.ConnectionId);
        if (_open.IsEmpty)
        {
            Volatile.Read(ref _empty)?.TrySetResult();
        }
    }

    /// <summary>Ends when no subscription is open; to be asked once no more are let in.</summary>
    public Task WhenEmptyAsync(CancellationToken cancellationToken)
    {
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        empty = Interlocked.CompareExchange(ref _empty, empty, null) ?? empty;
        if (_open.IsEmpty)
        {
            empty.TrySetResult();
        }

        return empty.Task.WaitAsync(cancellationToken);
    }

    public bool TryFind(in AckId id, [NotNullWhen(true)] out BrokerSubscription? subscription)
    {
        subscription = null;
        return id.Node == _node
            && _open.TryGetValue(id.Subscription, out subscription)
            && subscription.AckId.Tag == id.Tag;
    }

    /// <summary>Whether this broker gave out an id for a subscription that has closed since.</summary>
    public bool WasOpen(in AckId id) =>
        id.Node == _node && id.Subscription <= Volatile.Read(ref _last) && id.Sequence > 0
        && !_open.ContainsKey(id.Subscription) && id.Tag == Tag(id.Subscription);

    // Keyed, so that ids of closed subscriptions can still be told from invented ones without remembering them.
    private ulong Tag(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        HMACSHA256.HashData(_secret, bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
