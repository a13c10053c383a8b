using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

public sealed class CommandsTests
{
    [Fact]
    public async Task A_whole_log_is_checked_while_the_broker_runs()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync(["a", "b", "c"]);
        var (result, output) = await RunAsync(log, "check");
        Assert.Equal(0, result);
        Assert.Contains("event e: 3 messages are readable", output, StringComparison.Ordinal);
        Assert.Contains("Nothing is damaged", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_made_while_the_broker_runs_holds_everything_published_before()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync(["a", "b"]);
        var worker = await log.JoinAsync();
        await worker.CompleteAsync((await worker.TakeAsync(2))[0]);
        var target = log.Folder.Combine("copy");
        var (result, _) = await RunAsync(log, "backup", target);
        Assert.Equal(0, result);
        await log.PublishAsync("later");

        var folder = Directory.CreateDirectory(log.Folder.Combine("restored")).FullName;
        File.Move(target, Path.Combine(folder, "events.db"));
        await using var transport = OpenIn(log, folder);
        var group = await transport.DescribeAsync("e", CancellationToken.None);
        Assert.Equal(2, group.Messages);
        Assert.Equal(1, group.Groups.Single().Lag + group.Groups.Single().Unsettled);
    }

    [Fact]
    public async Task A_target_that_exists_is_not_overwritten()
    {
        await using var log = await Harness.CreateAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => RunAsync(log, "backup", log.File));
        Assert.Equal(BrokerErrorCode.AlreadyExists, failure.Code);
    }

    [Fact]
    public async Task A_running_log_is_not_repaired()
    {
        await using var log = await Harness.CreateAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => RunAsync(log, "repair", log.Folder.Combine("new")));
        Assert.Contains("in use", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Flipped_bytes_are_found_and_what_is_readable_is_saved(int seed)
    {
        await using var log = await Harness.CreateAsync();
        for (var i = 0; i < 200; i++)
        {
            await log.PublishAsync(i.ToString(CultureInfo.InvariantCulture), size: 1000);
        }

        await log.Transport.DisposeAsync();
        FlipBytes(log.File, seed);
        var (result, output) = await RunAsync(log, "check");
        Assert.Equal(1, result);
        Assert.Contains("DAMAGED", output, StringComparison.Ordinal);

        var folder = log.Folder.Combine("saved");
        (result, output) = await RunAsync(log, "repair", folder);
        Assert.True(result == 0, output);
        log.Settings.Directory = folder;
        await using (var transport = OpenIn(log, folder))
        {
            // Everything that comes is what was published, in its order; what does not come is told as missed.
            var name = (await transport.ListAsync(CancellationToken.None)).Single();
            var probe = new Sdk.Conformance.Transports.SubscriberProbe();
            await using var subscription = await transport.SubscribeAsync(
                name, new SubscribeOptions { Start = StartPosition.Beginning }, probe, CancellationToken.None);
            var deliveries = new Delivery[200];
            var count = subscription.Read(deliveries, int.MaxValue);
            var texts = deliveries.Take(count).Select(static d => int.Parse(Sdk.Conformance.Transports.TestSubscriber.Text(d), CultureInfo.InvariantCulture)).ToList();
            Assert.InRange(texts.Count, 100, 199);
            Assert.Equal(texts.Order(), texts);
            (result, output) = await RunAsync(log, "check");
            Assert.DoesNotContain("not what was written", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_batch_that_is_lost_is_told_as_missed_wherever_it_stood(int lost)
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync(["a1", "a2"]);
        await log.PublishAsync(["b1", "b2"]);
        await log.PublishAsync(["c1", "c2"]);
        await log.Transport.DisposeAsync();
        Replace(log.File, (byte[])[(byte)"abc"[lost], (byte)'1'], "!!"u8);
        var folder = log.Folder.Combine("saved");
        Assert.Equal(0, (await RunAsync(log, "repair", folder)).Result);
        log.Settings.Directory = folder;
        await using var transport = OpenIn(log, folder);
        var probe = new Sdk.Conformance.Transports.SubscriberProbe();
        await using var subscription = await transport.SubscribeAsync(
            "e", new SubscribeOptions { Start = StartPosition.Beginning }, probe, CancellationToken.None);
        await using var subscriber = new Sdk.Conformance.Transports.TestSubscriber(subscription, probe, TimeSpan.FromSeconds(30));
        var taken = subscriber.ReadOnce().ToList();
        Assert.Equal(4, taken.Count);

        // The beginning is where the first one is that was saved.
        await log.PublishToAsync(transport, "d1");
        taken.AddRange(await subscriber.TakeAsync(1));
        Assert.Equal(lost == 0 ? 0 : 2, taken.Sum(static d => d.Missed));
        Assert.Equal(
            ["a1", "a2", "b1", "b2", "c1", "c2", "d1"],
            taken.Select(Sdk.Conformance.Transports.TestSubscriber.Text).Concat([$"{"abc"[lost]}1", $"{"abc"[lost]}2"]).Order());
    }

    [Fact]
    public async Task A_reader_of_a_damaged_message_is_told_so_and_gets_nothing_wrong()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync("precious", size: 2000);
        await log.Transport.DisposeAsync();
        Replace(log.File, "precious"u8, "preciouS"u8);
        log.Open();
        var subscriber = await log.SubscribeAsync();
        var failure = Assert.Throws<BrokerException>(() => subscriber.ReadOnce());
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Contains("damaged", failure.Message, StringComparison.Ordinal);
    }

    private static LogTransport OpenIn(Harness log, string folder) => LogTransport.Open(
        "disk", new LogSettings { Directory = folder }, log.Clock, new System.Diagnostics.Metrics.Meter("tests"), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    private static async Task<(int Result, string Output)> RunAsync(Harness log, string name, params string[] arguments)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        var result = await new LogTransportPlugin().Commands.Single(c => c.Name == name).RunAsync(new PluginCommandContext
        {
            Name = "disk",
            Settings = log.Settings,
            Arguments = arguments,
            Output = output,
            TimeProvider = log.Clock,
        });
        return (result, output.ToString());
    }

    private static void FlipBytes(string file, int seed)
    {
        var random = new Random(seed);
        using var stream = new FileStream(file, FileMode.Open);
        for (var i = 0; i < 5; i++)
        {
            // Not the first pages: a file without its schema is told as unreadable by another test.
            stream.Position = random.NextInt64(60_000, stream.Length);
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(value ^ 0x55));
        }
    }

    private static void Replace(string file, ReadOnlySpan<byte> what, ReadOnlySpan<byte> with)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().LastIndexOf(what);
        Assert.True(at > 0);
        with.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(file, bytes);
    }
}
