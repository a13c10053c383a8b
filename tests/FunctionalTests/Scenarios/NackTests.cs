using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Scenarios;

// When a message comes back that was given back.
public sealed class NackTests
{
    private static readonly BrokerOptions Default = new();

    public static TheoryData<StreamProtocol, StreamMode> Everywhere
    {
        get
        {
            var all = new TheoryData<StreamProtocol, StreamMode>();
            foreach (var protocol in Enum.GetValues<StreamProtocol>())
            {
                foreach (var mode in Enum.GetValues<StreamMode>())
                {
                    all.Add(protocol, mode);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Two_messages_come_back_when_the_delay_of_each_is_over(StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode));
        await host.Http.PublishAsync("e", "m-1");
        await host.Http.PublishAsync("e", "m-2");
        var first = await client.ReadAsync();
        var second = await client.ReadAsync();

        Assert.Equal("settled", await client.SettleAsync(first.AckId, "later", TimeSpan.FromMilliseconds(300)));
        Assert.Equal("settled", await client.SettleAsync(second.AckId, "later", TimeSpan.FromMilliseconds(700)));

        host.Time.Advance(TimeSpan.FromMilliseconds(300));
        await client.ExpectAsync("m-1", 1);
        await ExpectNothingBeforeAsync(host, client, "m-3");
        host.Time.Advance(TimeSpan.FromMilliseconds(400));
        await client.ExpectAsync("m-2", 1);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Five_nacks_in_a_row_lose_nothing(StreamProtocol protocol, StreamMode mode)
    {
        const int Count = 5;
        var apart = TimeSpan.FromMilliseconds(20);
        var delay = TimeSpan.FromMilliseconds(500);
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode));
        for (var i = 0; i < Count; i++)
        {
            await host.Http.PublishAsync("e", $"m-{i}");
            var message = await client.ReadAsync();
            await client.SettleAsync(message.AckId, "later", delay);
            host.Time.Advance(apart);
        }

        host.Time.Advance(delay - (Count * apart));
        for (var i = 0; i < Count; i++)
        {
            await client.ExpectAsync($"m-{i}", 1);
            host.Time.Advance(apart);
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_poisoned_message_does_not_keep_the_next_one_away(StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode) with { MaxInFlight = 1 });
        await host.Http.PublishAsync("e", "bad");
        var bad = await client.ReadAsync();
        await host.Http.PublishAsync("e", "good");

        await client.SettleAsync(bad.AckId, "poison");

        var good = await client.ReadAsync();
        Assert.Equal("good", good.Id);
        await client.SettleAsync(good.AckId);
        host.Time.Advance(Default.NackDelay);
        await client.ExpectAsync("bad", 1);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Even_without_any_delay_fresh_messages_take_turns_with_a_poisoned_one(StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync(limits: static o => (o.NackDelay, o.MaxNackDelay) = (default, default));
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode) with { MaxInFlight = 1 });
        await host.Http.PublishAsync("e", "bad");
        var next = await client.ReadAsync();
        await host.Http.PublishAsync("e", "good");

        // A second good one, since the first may have been next anyway.
        foreach (var good in new[] { "good", "better" })
        {
            for (var turns = 0; next.Id != good; turns++)
            {
                Assert.True(turns < 3, $"'{good}' does not get its turn");
                await client.SettleAsync(next.AckId, "poison");
                next = await client.ReadAsync();
            }

            await client.SettleAsync(next.AckId);
            await host.Http.PublishAsync("e", "better");
            next = await client.ReadAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task The_delay_of_nacks_that_ask_for_none_grows(StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode));
        await host.Http.PublishAsync("e", "m-1");
        var message = await client.ReadAsync();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var delay = Default.NackDelay * Math.Pow(2, attempt - 1);
            await client.SettleAsync(message.AckId, "poison");
            host.Time.Advance(delay - TimeSpan.FromMilliseconds(1));
            await ExpectNothingBeforeAsync(host, client, $"between-{attempt}");
            host.Time.Advance(TimeSpan.FromMilliseconds(1));
            message = await client.ReadAsync();
            Assert.Equal(("m-1", attempt), (message.Id, message.RetryCount));
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_delay_of_zero_is_no_delay(StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode));
        await host.Http.PublishAsync("e", "m-1");
        var message = await client.ReadAsync();

        await client.SettleAsync(message.AckId, "again", TimeSpan.Zero);

        await client.ExpectAsync("m-1", 1);
    }

    // Whatever is due would come first.
    private static async Task ExpectNothingBeforeAsync(BrokerHost host, StreamClient client, string id)
    {
        await host.Http.PublishAsync("e", id);
        var received = await client.ReadAsync();
        Assert.Equal(id, received.Id);
        await client.SettleAsync(received.AckId);
    }
}
