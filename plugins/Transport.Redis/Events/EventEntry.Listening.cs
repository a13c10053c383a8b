using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.Redis.Messages;

namespace EventBroker.Transport.Redis.Events;

// What other hosts, and this one, say over the event's channel. A message begins with a letter that says what it is about.
internal sealed partial class EventEntry
{
    /// <summary>Listens to the channel, once somebody subscribes here.</summary>
    public async Task ListenAsync()
    {
        Task listening;
        lock (_gate)
        {
            listening = _listening ??= State.Backend.SubscribeAsync(Keys.Channel, OnMessage);
        }

        try
        {
            await listening;
        }
        catch (BrokerException)
        {
            // Whoever comes next tries again.
            _ = Interlocked.CompareExchange(ref _listening, null, listening);
            throw;
        }
    }

    /// <summary>Looks for what may have happened while nothing could be heard.</summary>
    public void LookAgain()
    {
        Reader.Wake();
        foreach (var place in GetPlaces())
        {
            place.Wake();
            place.Look();
        }
    }

    private void OnMessage(string message)
    {
        if (message.Length == 0)
        {
            return;
        }

        var rest = message[1..];
        switch (message[0])
        {
            case 'm':
                Reader.Wake();
                foreach (var place in GetPlaces())
                {
                    place.Wake();
                }

                break;

            // Something waits for its redelivery.
            case 'd':
                FindPlace(rest)?.Wake();
                break;

            // The place has changed: moved, or taken over.
            case 'p':
                FindPlace(rest)?.Look();
                FindPlace(rest)?.Wake();
                break;

            // Taken from a host that did not renew it.
            case 'l':
                OnTaken(rest);
                break;

            case 'u' when rest == Registration.Id:
                End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
                break;

            default:
                break;
        }
    }

    private void OnTaken(string message)
    {
        // A name has no control characters, so lines tell the parts apart.
        if (message.Split('\n') is [var group, var consumer, var ids])
        {
            FindPlace(group)?.OnTaken(consumer, ids.Split(' ').Select(ReadTaken).ToDictionary());
        }
    }

    // An entry and how often it had been handed over when it was taken.
    private static KeyValuePair<Position, int> ReadTaken(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return KeyValuePair.Create(EntryId.Parse(text.AsSpan(0, colon)), int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    private Places.Place? FindPlace(string group)
    {
        lock (_gate)
        {
            return _places.GetValueOrDefault(group);
        }
    }
}
