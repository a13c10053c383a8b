using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Broadcast;
using EventBroker.Transport.JetStream.Places;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

/// <summary>An event: its stream, and whoever reads it on this host.</summary>
#pragma warning disable CA1001 // The semaphore holds nothing to be disposed of: nobody asks for its wait handle.
internal sealed partial class EventStream
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly TransportState _transport;
    private readonly EventTable _table;
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly HashSet<BroadcastSubscription> _broadcasts = [];
    private bool _isGone;
    private bool _isClosing;
    private int _isChecking;

    public EventStream(string eventName, StreamInfo info, TransportState transport, EventTable table)
    {
        _transport = transport;
        _table = table;
        EventName = eventName;
        StreamName = info.Config.Name!;
        Subject = SubjectNames.ToSubject(transport.Settings.SubjectPrefix, eventName);
        IsShared = transport.Settings.Stream is not null;
        Epoch = EpochOf(info);
        MaxMessageBytes = EventStreamConfig.Read(info.Config).MaxMessageBytes;
    }

    public string EventName { get; }

    public string StreamName { get; }

    public string Subject { get; }

    /// <summary>Gets whether its stream carries other events, too. Then a gap in the stream says nothing of what was lost.</summary>
    public bool IsShared { get; }

    /// <summary>Gets what its consumers have to leave the others out by; null where there are none.</summary>
    public string? Filter => IsShared ? Subject : null;

    /// <summary>Gets when the stream was made, and for which event of a shared one: positions of another are told apart by it.</summary>
    public ulong Epoch { get; }

    public int? MaxMessageBytes { get; }

    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
            {
                return _broadcasts.Count + _places.Values.Sum(static p => p.MemberCount);
            }
        }
    }

    public Place? FindPlace(string consumer)
    {
        lock (_gate)
        {
            return _places.GetValueOrDefault(consumer);
        }
    }

    /// <summary>Gets what the servers say of the stream now.</summary>
    /// <exception cref="BrokerException">The event is gone.</exception>
    public async ValueTask<StreamInfo> AskAsync(CancellationToken cancellationToken)
    {
        var found = await _transport.Api.FindAsync((js, token) => js.GetStreamAsync(StreamName, cancellationToken: token), cancellationToken);
        if (found is null || EpochOf(found.Info) != Epoch)
        {
            Remove(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
            throw BrokerErrors.EventNotRegistered();
        }

        return found.Info;
    }

    /// <summary>Tells whether the event is gone, and ends everything here if it is.</summary>
    public async ValueTask<bool> IsGoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(cancellationToken);
            return false;
        }
        catch (BrokerException gone) when (gone.Code == BrokerErrorCode.NotFound)
        {
            return true;
        }
    }

    /// <summary>Somebody says that the stream is gone: look, and end everything here if it is.</summary>
    public void Check()
    {
        if (Interlocked.Exchange(ref _isChecking, 1) == 0)
        {
            _ = CheckAsync();
        }
    }

    /// <summary>The connection is back: what was pulled over the one before is not coming any more.</summary>
    public void ReadAnew()
    {
        Place[] places;
        BroadcastSubscription[] broadcasts;
        Tail? tail;
        lock (_gate)
        {
            places = [.. _places.Values];
            broadcasts = [.. _broadcasts];
            tail = _tail;
        }

        tail?.ReadAnew();
        foreach (var place in places)
        {
            place.PullAnew();
        }

        foreach (var broadcast in broadcasts)
        {
            broadcast.ReadAnew();
        }
    }

    /// <summary>Ends everything that reads the event here, and forgets the event.</summary>
    public void Remove(Func<BrokerException> why)
    {
        _table.Remove(this);
        End(why);
    }

    public void End(Func<BrokerException> why) => _ = TakeAndEnd(why);

    /// <summary>Gives back what is held here, before the connection goes.</summary>
    public async ValueTask CloseAsync()
    {
        var (places, broadcasts) = TakeAndEnd(BrokerErrors.TransportClosed, isClosing: true);
        foreach (var place in places)
        {
            await place.LeaveAllAsync();
        }

        foreach (var broadcast in broadcasts)
        {
            await broadcast.DisposeAsync();
        }
    }

    private (Place[] Places, BroadcastSubscription[] Broadcasts) TakeAndEnd(Func<BrokerException> why, bool isClosing = false)
    {
        Place[] places;
        BroadcastSubscription[] broadcasts;
        Tail? tail;
        lock (_gate)
        {
            _isClosing |= isClosing && !_isGone;
            _isGone = true;
            places = [.. _places.Values];
            broadcasts = [.. _broadcasts];
            tail = _tail;
            _tail = null;
            _places.Clear();
            _broadcasts.Clear();
        }

        foreach (var place in places)
        {
            place.End(why);
        }

        foreach (var broadcast in broadcasts)
        {
            broadcast.End(why);
        }

        tail?.Close();
        return (places, broadcasts);
    }

    /// <summary>A member has left its place.</summary>
    public void PlaceLeft(Place place, bool isEmpty)
    {
        if (!isEmpty)
        {
            return;
        }

        lock (_gate)
        {
            // Somebody may have joined meanwhile.
            if (place.MemberCount == 0 && _places.GetValueOrDefault(place.Consumer) == place)
            {
                _places.Remove(place.Consumer);
            }
        }
    }

    /// <summary>A place's consumer was removed by somebody else.</summary>
    public void PlaceRemoved(Place place)
    {
        lock (_gate)
        {
            if (_places.GetValueOrDefault(place.Consumer) == place)
            {
                _places.Remove(place.Consumer);
            }
        }

        place.End(static () => BrokerErrors.SubscriptionEnded("its consumer was removed at the NATS servers"));
    }

    public void Remove(BroadcastSubscription subscription)
    {
        Tail? unused = null;
        lock (_gate)
        {
            _broadcasts.Remove(subscription);
            if (_broadcasts.Count == 0)
            {
                unused = _tail;
                _tail = null;
            }
        }

        unused?.Close();
    }

    private ulong EpochOf(StreamInfo info) => (ulong)info.Created.UtcTicks ^ (IsShared ? HashOf(EventName) : 0);

    private static ulong HashOf(string name) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private async Task CheckAsync()
    {
        try
        {
            if (await IsGoneAsync(_transport.Link.Closing))
            {
                return;
            }
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException)
        {
            // Out of reach: the next pull looks again.
        }

        Volatile.Write(ref _isChecking, 0);
    }

    // Under the lock.
    private void ThrowIfGone()
    {
        if (_isGone)
        {
            // A host that closes leaves the event where it is.
            throw _isClosing ? BrokerErrors.TransportClosed() : BrokerErrors.EventNotRegistered();
        }
    }
}
