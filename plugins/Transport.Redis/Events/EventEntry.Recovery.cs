using EventBroker.Sdk.Errors;
using EventBroker.Transport.Redis.Scripts;

namespace EventBroker.Transport.Redis.Events;

// What happens when the server has lost what belongs to the event: restarted without its data, flushed, evicted.
internal sealed partial class EventEntry
{
    /// <summary>Makes the event again, unless it was unregistered.</summary>
    /// <returns>Whether it is there.</returns>
    public async Task<bool> RecoverAsync()
    {
        if (HasEnded)
        {
            return false;
        }

        await State.Backend.CheckMasterAsync(Keys.Meta);
        var registration = Registration;
        var anew = registration with { Generation = Registration.NewId() };
        var result = await State.Backend.RunAsync(Script.Recreate, [Keys.Stream, Keys.Meta, Keys.Tombstone], anew.ToValues());
        var generation = (string?)result ?? "";
        if (generation.Length == 0)
        {
            End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
            return false;
        }

        await State.Backend.CallAsync(d => d.SetAddAsync(State.Keys.Index, Name));
        OnGeneration(generation);
        return true;
    }

    /// <summary>Notes that the stream is another one: what was held is lost, what was not read is missed, and everybody begins anew.</summary>
    private void OnGeneration(string generation)
    {
        lock (_gate)
        {
            if (_registration.Generation == generation)
            {
                return;
            }

            Volatile.Write(ref _registration, _registration with { Generation = generation });
        }

        RedisLog.EventLost(State.Logger, Name);
        Reader.BeginAnew();
        foreach (var place in GetPlaces())
        {
            place.BeginAnew();
        }
    }
}
