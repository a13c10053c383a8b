using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>A transport like one over Kafka: it keeps every message, and of a worker group or consumer id the one place up to which
/// everything is completed. It knows no redelivery, no delay, no cursor and no time, and a test takes leases away and lets settling fail.</summary>
internal sealed class SinglePlaceTransport : ITransport
{
    private static readonly TransportCapability[] Always =
    [
        TransportCapability.Durable, TransportCapability.ReplayFromBeginning, TransportCapability.WorkerGroups, TransportCapability.Broadcast,
        TransportCapability.ConsumerResume, TransportCapability.Ordering, TransportCapability.EventListing,
    ];

    private readonly SinglePlaceSettings _settings;
    private bool _isClosed;

    public SinglePlaceTransport(SinglePlaceStorage? storage = null, SinglePlaceSettings? settings = null)
    {
        _settings = settings ?? new SinglePlaceSettings();
        Storage = storage ?? new SinglePlaceStorage();
        Link = new SinglePlaceLink(_settings.Time, _settings.Log);
        var deduplicates = _settings.DeduplicationWindow is not null;
        Capabilities = new TransportCapabilities(
            DeliveryGuarantee.AtLeastOnce, deduplicates ? [.. Always, TransportCapability.Deduplication] : Always)
        {
            RemembersSinglePlace = true,
            MaxUnsettledSpan = _settings.MaxUnsettledSpan,
            MaxMessageBytes = _settings.MaxMessageBytes,
            EventOptions = deduplicates ? new HashSet<EventOption> { EventOption.DeduplicationWindow } : [],
        };
        lock (Storage.Gate)
        {
            Storage.Open();
        }
    }

    public TransportCapabilities Capabilities { get; }

    /// <summary>Gets what holds the messages and places; a second transport over it is another host, a later one a restart.</summary>
    public SinglePlaceStorage Storage { get; }

    internal SinglePlaceLink Link { get; }

    /// <summary>Gets or sets what settling waits for: nothing unless a test says otherwise.</summary>
    public Task Settled { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets what settling throws; null for nothing.</summary>
    public Exception? SettleFailure { get; set; }

    /// <summary>Gets or sets which entries are answered as failed and stay held; null for none.</summary>
    public Predicate<TransportSettlement>? FailsToSettle { get; set; }

    /// <summary>Takes deliveries away from this transport's members of a worker group, or from the holder of a consumer id. Another member
    /// gets them, of this transport or another, or whoever comes later.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="kind">Whose place.</param>
    /// <param name="name">The group or the consumer id.</param>
    /// <param name="which">Which of those held; null for all.</param>
    /// <returns>How many.</returns>
    public int Revoke(string eventName, PlaceKind kind, string name, Predicate<Delivery>? which = null)
    {
        List<(SinglePlaceSubscription Member, HashSet<Sdk.Messages.Position> Lost)> all;
        lock (Storage.Gate)
        {
            all = Storage.Find(eventName).FindPlace(kind, name)?.Revoke(this, which ?? (static _ => true)) ?? [];
        }

        // Without the lock: whoever is told may be reading.
        all.ForEach(static a => a.Member.TellLost(a.Lost));
        return all.Sum(static a => a.Lost.Count);
    }

    /// <summary>Cuts this transport off from its storage, or lets it reach it again.</summary>
    /// <param name="isReachable">Whether it reaches it.</param>
    public void SetReachable(bool isReachable)
    {
        lock (Storage.Gate)
        {
            Link.IsUp = isReachable;
            Storage.Signal();
        }
    }

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            foreach (var option in options.GetSet().Where(o => !Capabilities.EventOptions.Contains(o)))
            {
                throw BrokerErrors.OptionNotSupported("single-place", option.ToString(), "it keeps everything");
            }

            var window = options.DeduplicationWindow ?? _settings.DeduplicationWindow;
            Storage.Add(eventName, window is null ? null : new SinglePlaceIds(window.Value, _settings.Time));
        }

        return default;
    }

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            Storage.Remove(eventName);
        }

        return default;
    }

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            return new(Storage.Events);
        }
    }

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            return new(Publish(Storage.Find(eventName), message));
        }
    }

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            var found = Storage.Find(eventName);
            for (var i = 0; i < batch.Count; i++)
            {
                try
                {
                    batch.Accept(i, Publish(found, batch[i]));
                }
                catch (BrokerException failure)
                {
                    batch.Fail(i, failure);
                }
            }
        }

        return default;
    }

    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            ThrowIfNotUsable();
            var found = Storage.Find(eventName);
            var refused = options.Start == StartPosition.Timestamp ? "start_from=timestamp"
                : options.ResumeAfter is not null ? "resume_after" : null;
            return refused is null
                ? new(found.Subscribe(this, options, subscriber))
                : throw BrokerErrors.OptionNotSupported("single-place", refused, "leave it out");
        }
    }

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        lock (Storage.Gate)
        {
            return new(new TransportHealth { Status = !_isClosed && Link.Try() ? TransportHealthStatus.Healthy : TransportHealthStatus.Unhealthy });
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (Storage.Gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                Storage.Close(this);
            }
        }

        return default;
    }

    private PublishReceipt Publish(SinglePlaceEvent to, TransportMessage message)
    {
        var refused = message.OrderingKey is not null ? "ordering_key" : message.DueTime is not null ? "due_time" : null;
        if (refused is not null)
        {
            throw BrokerErrors.OptionNotSupported("single-place", refused, "leave it out");
        }

        return message.Message.Length <= (_settings.MaxMessageBytes ?? int.MaxValue)
            ? to.Publish(message.Message)
            : throw new BrokerException(BrokerErrorCode.ResourceExhausted, "the message is too large");
    }

    private void ThrowIfNotUsable()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }

        Link.ThrowIfDown();
    }
}
