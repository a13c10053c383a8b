using System.Net;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Subscribing;

/// <summary>Who has which consumer id in this broker, and whom they have it from, so that whoever has lost one does not win it back by coming
/// back by itself.</summary>
/// <remarks>Two clients with one id would throw each other out for ever. A new client takes an id over, and so does one that comes back from a
/// connection that is dead: it is told from the loser by what the loser brings along (SSE), by its connection (gRPC), or by having taken
/// leave of the broker from the same address (WebSocket). What is known of losers ends with the one who has won.</remarks>
internal sealed class ConsumerHolders(ILogger logger)
{
    private const int MostSaid = 10_000;
    private const int MostLosers = 100;
    private const string WebSocket = "websocket";
    private const string Grpc = "grpc";

    private readonly Lock _gate = new();
    private readonly Dictionary<ConsumerKey, Holder> _holders = [];
    private readonly HashSet<ConsumerKey> _said = [];

    /// <summary>Lets a subscription in, unless its caller has lost the id and does not ask for it.</summary>
    /// <exception cref="BrokerException">ABORTED, with the reason that it was taken over.</exception>
    public void Enter(BrokerSubscription subscription, SubscribeRequest request, Caller caller)
    {
        if (subscription.ConsumerKey is not { } key)
        {
            return;
        }

        var isFirst = false;
        IPAddress? address;
        lock (_gate)
        {
            var before = _holders.GetValueOrDefault(key);
            if (request.Takeover || !(request.HasLostConsumerId || before?.Losers.Exists(loser => loser.Is(caller)) == true))
            {
                _holders[key] = new Holder(subscription, before);
                return;
            }

            address = before?.Subscription.RemoteAddress;
            if (_said.Count >= MostSaid)
            {
                _said.Clear();
            }

            isFirst = _said.Add(key);
        }

        if (isFirst)
        {
            BrokerLog.ConsumerIdShared(logger, key.ConsumerId, key.EventName, caller.RemoteAddress, address);
        }

        throw BrokerErrors.TakenOver(key.ConsumerId, "takeover=true takes it back");
    }

    /// <summary>The subscription is open, so whoever had the id before has lost it.</summary>
    public void Opened(BrokerSubscription subscription)
    {
        if (subscription.ConsumerKey is not { } key)
        {
            return;
        }

        lock (_gate)
        {
            if (!_holders.TryGetValue(key, out var holder) || holder.Subscription != subscription)
            {
                return;
            }

            for (var before = holder.Before; before is not null; before = before.Before)
            {
                before.Losers.ForEach(holder.Add);
                if (before.Subscription.ConnectionId != subscription.ConnectionId)
                {
                    holder.Add(new Loser(before.Subscription.ConnectionId, null));
                }
            }

            holder.Before = null;
        }
    }

    /// <summary>The client of a subscription that was taken over has taken leave, so it is alive, and knows.</summary>
    public void Told(BrokerSubscription subscription)
    {
        if (subscription.ConsumerKey is not { } key)
        {
            return;
        }

        lock (_gate)
        {
            if (_holders.TryGetValue(key, out var holder) && holder.Subscription != subscription)
            {
                holder.Add(new Loser(null, subscription.RemoteAddress));
            }
        }
    }

    public void Leave(BrokerSubscription subscription)
    {
        if (subscription.ConsumerKey is not { } key)
        {
            return;
        }

        lock (_gate)
        {
            if (!_holders.TryGetValue(key, out var holder))
            {
                return;
            }

            if (holder.Subscription != subscription)
            {
                holder.Forget(subscription);
            }
            else if (holder.FindBefore() is { } before)
            {
                // It was never open: the one before has the id as before.
                _holders[key] = before;
            }
            else
            {
                _holders.Remove(key);
            }
        }
    }

    private sealed class Holder(BrokerSubscription subscription, Holder? before)
    {
        public BrokerSubscription Subscription { get; } = subscription;

        /// <summary>Gets or sets who has the id if this one is refused by the transport.</summary>
        public Holder? Before { get; set; } = before;

        public List<Loser> Losers { get; } = [];

        public bool IsGone { get; private set; }

        public Holder? FindBefore()
        {
            var found = Before;
            while (found is { IsGone: true })
            {
                found = found.Before;
            }

            return found;
        }

        public void Add(Loser loser)
        {
            if (Losers.Contains(loser))
            {
                return;
            }

            if (Losers.Count == MostLosers)
            {
                Losers.RemoveAt(0);
            }

            Losers.Add(loser);
        }

        public void Forget(BrokerSubscription subscription)
        {
            for (var holder = Before; holder is not null; holder = holder.Before)
            {
                holder.IsGone |= holder.Subscription == subscription;
            }
        }
    }

    private readonly record struct Loser(string? ConnectionId, IPAddress? Address)
    {
        // A browser's connection carries whatever its pages want.
        public bool Is(Caller caller) => ConnectionId is not null
            ? caller.Protocol == Grpc && ConnectionId == caller.ConnectionId
            : Address is not null && caller.Protocol == WebSocket && Address.Equals(caller.RemoteAddress);
    }
}
