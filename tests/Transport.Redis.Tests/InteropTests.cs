using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Other programs add entries and read them.</summary>
public sealed class InteropTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_redis_cli_adds_arrives_as_a_message(bool asWorker)
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var subscriber = asWorker ? await Harness.JoinAsync(host, "e") : await Harness.SubscribeAsync(host, "e");
        var id = await CliAsync(harness, "XADD", harness.Stream("e"), "*", "payload", "hello", "id", "my-id", "source", "cli", "tenant", "acme");
        var taken = (await subscriber.TakeOneAsync()).Message;
        Assert.Equal("hello", Encoding.UTF8.GetString(taken.GetPayload()));
        Assert.Equal("my-id", taken.GetId());
        Assert.Equal("cli", taken.GetSource());
        Assert.Equal([KeyValuePair.Create("tenant", "acme")], taken.GetMetadata());
        Assert.Equal(long.Parse(id.Split('-')[0], CultureInfo.InvariantCulture), taken.GetTimestamp().ToDateTimeOffset().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Which_fields_are_what_is_a_setting()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync(static s => (s.PayloadField, s.IdField, s.SourceField) = ("body", "key", "from"));
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var subscriber = await Harness.SubscribeAsync(host, "e");
        await CliAsync(harness, "XADD", harness.Stream("e"), "*", "body", "hello", "key", "k", "from", "f", "payload", "no");
        var taken = (await subscriber.TakeOneAsync()).Message;
        Assert.Equal(("hello", "k", "f"), (Encoding.UTF8.GetString(taken.GetPayload()), taken.GetId(), taken.GetSource()));
        Assert.Equal([KeyValuePair.Create("payload", "no")], taken.GetMetadata());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entries_that_nobody_understands_stop_nothing(bool asWorker)
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var subscriber = asWorker ? await Harness.JoinAsync(host, "e") : await Harness.SubscribeAsync(host, "e");
        var database = await harness.GetDatabaseAsync();
        await harness.PublishAsync(host, "e", "before");
        NameValueEntry[][] strange =
        [
            [new("m", "not a message")],
            [new("m", new byte[] { 0x0A, 0x02, 0xFF, 0xFE })],
            [new("m", "")],
            [new("", "")],
            [new("same", "1"), new("same", "2")],
            [new("binary", new byte[] { 0xFF, 0x00 }), new(new byte[] { 0xFF }, "x")],
        ];
        foreach (var fields in strange)
        {
            await database.StreamAddAsync(harness.Stream("e"), fields);
        }

        await harness.PublishAsync(host, "e", "after");
        var taken = await subscriber.TakeAsync(strange.Length + 2);
        Assert.Equal("before", TestSubscriber.Text(taken[0]));
        Assert.Equal("after", TestSubscriber.Text(taken[^1]));
        Assert.Equal("2", taken[5].Message.GetMetadata("same"));
    }

    [Fact]
    public async Task What_the_broker_writes_can_be_read_by_redis_cli()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(host, "e", "payload-as-text");
        var shown = await CliAsync(harness, "XRANGE", harness.Stream("e"), "-", "+");
        Assert.Contains("payload-as-text", shown, StringComparison.Ordinal);
        Assert.Equal("1", await CliAsync(harness, "SCARD", harness.Prefix + ":events"));

        // One field, the protobuf form of event.v1.Message.
        var entry = (await (await harness.GetDatabaseAsync()).StreamRangeAsync(harness.Stream("e")))[0];
        var field = Assert.Single(entry.Values);
        Assert.Equal("m", field.Name);
        Assert.Equal("payload-as-text", Encoding.UTF8.GetString(new EncodedMessage((byte[])field.Value!).GetPayload()));
    }

    [Fact]
    public async Task A_key_that_holds_something_else_is_named_as_the_fault()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        var database = await harness.GetDatabaseAsync();
        await database.StringSetAsync(harness.Stream("e"), "text");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => host.RegisterAsync("e", EventOptions.None, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
        Assert.Empty(await host.ListAsync(CancellationToken.None));
    }

    private static async Task<string> CliAsync(Harness harness, params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-p", harness.Server.Port.ToString(CultureInfo.InvariantCulture), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
