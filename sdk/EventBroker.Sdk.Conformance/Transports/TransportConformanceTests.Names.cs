using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    /// <summary>A backend whose own rules forbid one beside the other says so when the second is registered.</summary>
    /// <param name="first">How one name ends.</param>
    /// <param name="second">How the other ends.</param>
    /// <returns>A task.</returns>
    [TransportTheory]
    [MemberData(nameof(DifficultInputs.SimilarNames), MemberType = typeof(DifficultInputs))]
    public async Task Events_with_similar_names_share_nothing_or_the_second_is_refused_by_name(string first, string second)
    {
        var name = Fixture.NewEventName();
        var (one, other) = (name + first, name + second);
        await Transport.RegisterAsync(one, EventOptions.None, CancellationToken.None);
        try
        {
            await Transport.RegisterAsync(other, EventOptions.None, CancellationToken.None);
        }
        catch (BrokerException refusal)
        {
            Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
            Assert.Contains(one, refusal.Message, StringComparison.Ordinal);
            return;
        }

        Event = one;
        var ofOne = await SubscribeAsync();
        Event = other;
        var ofOther = await SubscribeAsync();
        await PublishAsync("other");
        Event = one;
        await PublishAsync("one");
        Assert.Equal(["one"], await ofOne.TakeTextAsync(1));
        Assert.Equal(["other"], await ofOther.TakeTextAsync(1));

        // One goes, with everything that belongs to it and nothing else.
        await Transport.UnregisterAsync(one, CancellationToken.None);
        Event = other;
        await PublishAsync("still there");
        Assert.Equal(["still there"], await ofOther.TakeTextAsync(1));
        if (Transport.Capabilities.Has(TransportCapability.EventListing))
        {
            var listed = await Transport.ListAsync(CancellationToken.None);
            Assert.Contains(other, listed);
            Assert.DoesNotContain(one, listed);
        }
    }

    [TransportFact]
    public async Task The_longest_name_is_a_name_like_any_other()
    {
        var name = Fixture.NewEventName().PadRight(EventName.MaxLength, 'x');
        Assert.True(EventName.IsValid(name));
        await Transport.RegisterAsync(name, EventOptions.None, CancellationToken.None);
        Event = name;
        var subscriber = await SubscribeAsync();
        await PublishAsync("a");
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
        await Transport.UnregisterAsync(name, CancellationToken.None);
    }

    /// <summary>Of the places of one event, too, as far as names may differ.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Places_with_similar_names_are_different_places(PlaceKind kind)
    {
        var names = new List<string> { "a.b", "a_b", "a-b", "A.b", "a", "A", new('x', EventName.MaxLength), new('x', EventName.MaxLength - 1) };
        if (kind == PlaceKind.ConsumerId)
        {
            names.AddRange(["a b", "a:b", "a/b", "a*b", "a>b", "ä", "a\u0308", "🙂"]);
        }

        var subscribers = new List<TestSubscriber>();
        foreach (var name in names)
        {
            subscribers.Add(await OpenAsync(kind, name));
        }

        await PublishAsync("a");
        foreach (var subscriber in subscribers)
        {
            Assert.Equal("a", await subscriber.CompleteNextAsync());
        }
    }
}
