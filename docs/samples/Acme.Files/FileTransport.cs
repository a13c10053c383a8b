using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace Acme.Files;

/// <summary>Keeps each event in a file of its own. A publish is answered when the disk has it.</summary>
public sealed class FileTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly string _directory;
    private readonly Dictionary<string, EventFile> _events = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>Opens a folder with what is in it.</summary>
    /// <param name="name">The transport's name, for messages.</param>
    /// <param name="directory">The folder.</param>
    public FileTransport(string name, string directory)
    {
        _name = name;
        _directory = Directory.CreateDirectory(directory).FullName;
        foreach (var path in Directory.EnumerateFiles(_directory, "*.events"))
        {
            var opened = EventFile.Open(path);
            _events.Add(opened.Name, opened);
        }
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; } = new(
        DeliveryGuarantee.AtLeastOnce,
        TransportCapability.Broadcast,
        TransportCapability.Durable,
        TransportCapability.ReplayFromBeginning,
        TransportCapability.Ordering,
        TransportCapability.EventListing);

    /// <inheritdoc/>
    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        foreach (var option in options.GetSet())
        {
            throw BrokerErrors.OptionNotSupported(_name, option.ToString(), "files are kept as they are");
        }

        lock (_gate)
        {
            ThrowIfClosed();
            if (_events.ContainsKey(eventName))
            {
                throw BrokerErrors.EventAlreadyRegistered();
            }

            // Not by the event's name: some file systems take "a" and "A" for one.
            var number = Enumerable.Range(1, int.MaxValue).First(n => !File.Exists(PathOf(n)));
            _events.Add(eventName, EventFile.Create(PathOf(number), eventName));
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        EventFile removed;
        lock (_gate)
        {
            removed = Find(eventName);
            _events.Remove(eventName);
        }

        removed.End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
        removed.Delete();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            return new([.. _events.Keys]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        var batch = new PublishBatch(1);
        batch.Add(message);
        Publish(eventName, batch);
        return batch.GetFailure(0) is { } failure ? throw failure : new(batch.GetReceipt(0));
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        Publish(eventName, batch);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var found = Find(eventName);
            var refused = options switch
            {
                { Mode: DeliveryMode.WorkerPool } => "delivery_mode=worker_pool",
                { ConsumerId.Length: > 0 } => "consumer_id",
                { ResumeAfter: not null } => "resume_after",
                { Start: StartPosition.Timestamp } => "start_from=timestamp",
                _ => null,
            };
            return refused is null
                ? new(found.Subscribe(subscriber, options.Start == StartPosition.Beginning))
                : throw BrokerErrors.OptionNotSupported(_name, refused, "it only reads files from the beginning or the end");
        }
    }

    /// <inheritdoc/>
    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var events = _events.Count.ToString(CultureInfo.InvariantCulture);
            return new(new TransportHealth
            {
                Status = _isClosed || !Directory.Exists(_directory) ? TransportHealthStatus.Unhealthy : TransportHealthStatus.Healthy,
                Details = new Dictionary<string, string> { ["events"] = events },
            });
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var each in _events.Values)
            {
                each.End(BrokerErrors.TransportClosed);
            }

            _events.Clear();
        }

        return default;
    }

    private string PathOf(int number) => Path.Combine(_directory, number.ToString("d6", CultureInfo.InvariantCulture) + ".events");

    private void Publish(string eventName, PublishBatch batch)
    {
        EventFile found;
        lock (_gate)
        {
            found = Find(eventName);
        }

        // What this message asks for and a file can't give decides this message alone.
        for (var i = 0; i < batch.Count; i++)
        {
            var refused = batch[i].OrderingKey is not null ? "ordering_key" : batch[i].DueTime is not null ? "due_time" : null;
            if (refused is not null)
            {
                batch.Fail(i, BrokerErrors.OptionNotSupported(_name, refused, "leave it out"));
            }
        }

        found.Append(batch);
    }

    private EventFile Find(string eventName)
    {
        ThrowIfClosed();
        return _events.TryGetValue(eventName, out var found) ? found : throw BrokerErrors.EventNotRegistered();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}
