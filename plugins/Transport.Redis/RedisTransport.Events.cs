using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Places;
using EventBroker.Transport.Redis.Scripts;
using EventBroker.Transport.Redis.Subscriptions;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis;

public sealed partial class RedisTransport
{
    // A host that was away for longer would make the event again.
    private static readonly TimeSpan TombstoneLifetime = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfClosed();
        foreach (var option in options.GetSet().Where(static o => !Registration.Known.Contains(o)))
        {
            throw BrokerErrors.OptionNotSupported(
                _state.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()), "a stream has one partition, and its server decides about copies");
        }

        await RegisterAsync(eventName, new Registration(Registration.NewId(), Registration.NewId(), options)).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await UnregisterAsync(eventName).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var names = await _state.Backend.CallAsync(d => d.SetMembersAsync(_state.Keys.Index)).WaitAsync(cancellationToken);

        // The index is in another slot than the events, so it may be ahead of them, or behind.
        var there = await Task.WhenAll(names.Select(n => _state.Backend.CallAsync(d => d.KeyExistsAsync(_state.Keys.For(n.ToString()).Meta))))
            .WaitAsync(cancellationToken);
        return [.. names.Where((_, i) => there[i]).Select(static n => n.ToString())];
    }

    /// <inheritdoc/>
    public async ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var keys = _state.Keys.For(eventName);
        var result = await _state.Backend.RunAsync(Script.Describe, [keys.Stream, keys.Meta], []).WaitAsync(cancellationToken);
        var registration = EventTable.ReadRegistration(result[0]) ?? throw BrokerErrors.EventNotRegistered();
        var entry = _events.TryGet(eventName);
        var groups = new List<GroupDescription>();
        foreach (var group in (RedisResult[])result[3]!)
        {
            var name = (string)group[0]!;
            if (EventKeys.TryParseGroup(name, out var kind, out var plain))
            {
                groups.Add(new GroupDescription
                {
                    Kind = kind,
                    Name = plain,
                    Members = entry?.CountMembers(name) ?? 0,
                    Lag = (long)group[1] is >= 0 and var lag ? lag : null,
                    Unsettled = (long)group[2],
                });
            }
        }

        return new EventDescription
        {
            Options = registration.GetEffective(_state.Settings),
            Messages = (long)result[1],
            Bytes = (long)result[2] is >= 0 and var bytes ? bytes : null,
            Groups = groups,
        };
    }

    /// <inheritdoc/>
    public async ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var start = StartSpec.From(request.Position, request.Time, request.After, "after");
        var entry = await _events.FindAsync(eventName).WaitAsync(cancellationToken);
        var group = EventKeys.Group(request.Kind, request.Name);
        var result = await entry.RunAsync(
            Script.Seek,
            [entry.Keys.Stream, entry.Keys.Meta, entry.Keys.PlaceHash(group), entry.Keys.Due(group), entry.Keys.Places],
            () =>
            [
                entry.Registration.Id, entry.Keys.Channel, group, start.Kind, start.Value, start.Ordinal, start.Generation,
                _state.Settings.MaxPlacesPerEvent,
            ]).WaitAsync(cancellationToken);
        switch ((string?)result)
        {
            case "OK":
                await entry.LookAsync(group);
                return;
            case "CURSOR":
                throw BrokerErrors.OptionNotSupported(
                    _state.Name, "after", "messages behind this cursor are gone; seek to the beginning to get all that is left");
            case "FULL":
                throw GroupOptions.Full(_state);
            default:
                throw BrokerErrors.EventNotRegistered();
        }
    }

    private async Task RegisterAsync(string eventName, Registration registration)
    {
        var keys = _state.Keys.For(eventName);

        // The index first, so that an event that exists is always listed; and once more, since whoever unregisters it takes it out.
        await _state.Backend.CallAsync(d => d.SetAddAsync(_state.Keys.Index, eventName));
        var result = await _state.Backend.RunAsync(Script.Register, [keys.Stream, keys.Meta, keys.Tombstone], registration.ToValues());
        if ((int)result == 0)
        {
            throw BrokerErrors.EventAlreadyRegistered();
        }

        await _state.Backend.CallAsync(d => d.SetAddAsync(_state.Keys.Index, eventName));
        _events.Replace(eventName, new EventEntry(eventName, registration, _state));
    }

    private async Task UnregisterAsync(string eventName)
    {
        var keys = _state.Keys.For(eventName);
        var result = await _state.Backend.RunAsync(
            Script.Unregister,
            [keys.Stream, keys.Meta, keys.Tombstone, keys.Places],
            [keys.Channel, (long)TombstoneLifetime.TotalSeconds]);
        _events.Replace(eventName, null);
        await _state.Backend.CallAsync(d => d.SetRemoveAsync(_state.Keys.Index, eventName));
        if (await _state.Backend.CallAsync(d => d.KeyExistsAsync(keys.Meta)))
        {
            // Registered anew in between.
            await _state.Backend.CallAsync(d => d.SetAddAsync(_state.Keys.Index, eventName));
        }

        if ((int)result == 0)
        {
            throw BrokerErrors.EventNotRegistered();
        }
    }
}
