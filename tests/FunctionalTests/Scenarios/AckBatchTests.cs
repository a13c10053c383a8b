using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.FunctionalTests.Transports;
using EventBroker.Protos.Event.V1;

namespace EventBroker.FunctionalTests.Scenarios;

// One call that settles deliveries of several subscriptions, taking turns.
public sealed class AckBatchTests
{
    private const int Each = 5;

    [Fact]
    public async Task Every_entry_has_its_own_result_and_no_subscription_waits_for_another()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new MeetingSettlements(inner, subscriptions: 3));
        await host.Http.RegisterAsync("e");
        var ackIds = new List<List<string>>();
        var open = new List<StreamClient>();
        foreach (var protocol in Enum.GetValues<StreamProtocol>())
        {
            open.Add(await StreamClient.OpenAsync(host, protocol, new StreamOptions { Mode = StreamMode.ConsumerId, Name = protocol.ToString() }));
        }

        for (var i = 0; i < Each; i++)
        {
            await host.Http.PublishAsync("e", $"m-{i}");
        }

        foreach (var client in open)
        {
            ackIds.Add([]);
            for (var i = 0; i < Each; i++)
            {
                ackIds[^1].Add((await client.ReadAsync()).AckId);
            }
        }

        // The first entry of all comes once more at the end.
        var request = new AckRequest();
        for (var i = 0; i < Each; i++)
        {
            request.Entries.AddRange(ackIds.Select(ids => new AckEntry { AckId = ids[i], Error = i == 2 ? "later" : "" }));
            request.Entries.Add(new AckEntry { AckId = $"unknown-{i}" });
        }

        request.Entries.Add(new AckEntry { AckId = ackIds[0][0] });
        var response = await new EventService.EventServiceClient(host.OpenChannel()).AckAsync(request);

        for (var i = 0; i < Each; i++)
        {
            Assert.Equal(
                [AckResult.Settled, AckResult.Settled, AckResult.Settled, AckResult.Unknown],
                response.Results.Skip(i * (open.Count + 1)).Take(open.Count + 1));
        }

        Assert.Equal(AckResult.Expired, response.Results[^1]);
        foreach (var client in open)
        {
            await client.DisposeAsync();
        }
    }
}
