using System.Diagnostics;
using System.Globalization;
using Benchmarks.Servers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Benchmarks.Durable;

/// <summary>nats-server's JetStream with its file store, through its own client.</summary>
internal sealed class JetStreamStore : IDurableStore
{
    /// <summary>The subject, and the stream that takes it.</summary>
    public const string Subject = "bench";

    private readonly Process _server;

    private JetStreamStore(Process server, NatsConnection connection, bool syncsAlways)
    {
        _server = server;
        Connection = connection;
        Context = new NatsJSContext(connection);
        Name = syncsAlways ? "JetStream, sync_interval: always" : "JetStream, sync as it ships";
    }

    public string Name { get; }

    public static bool IsInstalled { get; } = File.Exists("/usr/sbin/nats-server") || File.Exists("/usr/bin/nats-server");

    public string Address => Connection.Opts.Url;

    public NatsConnection Connection { get; }

    public NatsJSContext Context { get; }

    /// <summary>Starts a server with each of both settings, as far as there is one that knows them.</summary>
    public static async Task<List<JetStreamStore>> StartAllAsync(string folder, CancellationToken cancellation)
    {
        var stores = new List<JetStreamStore>();
        foreach (var syncsAlways in (bool[])[true, false])
        {
            if (await StartAsync(Path.Combine(folder, syncsAlways ? "always" : "ships"), syncsAlways, cancellation) is { } store)
                stores.Add(store);
        }

        return stores;
    }

    /// <summary>Starts a server.</summary>
    /// <returns>Null where there is none, or none that knows the setting.</returns>
    public static async Task<JetStreamStore?> StartAsync(string folder, bool syncsAlways, CancellationToken cancellation)
    {
        if (!IsInstalled)
        {
            Console.WriteLine("nats-server is not installed: nothing to compare with.");
            return null;
        }

        var port = ServerAddresses.FindFree().Grpc.Port;
        Directory.CreateDirectory(folder);
        var configuration = Path.Combine(folder, "nats.conf");
        var sync = syncsAlways ? "sync_interval: always\n" : "";
        await File.WriteAllTextAsync(
            configuration,
            string.Create(CultureInfo.InvariantCulture, $"listen: 127.0.0.1:{port}\njetstream {{\nstore_dir: \"{folder}\"\n{sync}}}\n"),
            cancellation);
        using (var test = Process.Start(new ProcessStartInfo("nats-server", ["-t", "-c", configuration]) { UseShellExecute = false, RedirectStandardError = true })!)
        {
            var said = await test.StandardError.ReadToEndAsync(cancellation);
            await test.WaitForExitAsync(cancellation);
            if (test.ExitCode != 0)
            {
                Console.WriteLine($"This nats-server does not know the setting: {said.Trim()}");
                return null;
            }
        }

        var server = Process.Start(new ProcessStartInfo("nats-server", ["-c", configuration]) { UseShellExecute = false, RedirectStandardError = true })
            ?? throw new InvalidOperationException("nats-server did not start.");
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginErrorReadLine();
        try
        {
            var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{port}", MaxReconnectRetry = -1, ConnectTimeout = TimeSpan.FromSeconds(2) });
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await connection.ConnectAsync();
                    break;
                }
                catch (NatsException) when (attempt < 50)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation);
                }
            }

            var store = new JetStreamStore(server, connection, syncsAlways);
            await store.Context.CreateStreamAsync(new StreamConfig(Subject, [Subject]) { Storage = StreamConfigStorage.File }, cancellation);
            return store;
        }
        catch
        {
            server.Kill();
            throw;
        }
    }

    public async Task PublishAsync(CancellationToken cancellation)
    {
        var ack = await Context.PublishAsync(Subject, SampleMessage.Payload, cancellationToken: cancellation);
        ack.EnsureSuccess();
    }

    /// <summary>Publishes, takes and acks a number of messages, so many under way at a time.</summary>
    public async Task SettleAsync(int messages, int inFlight, CancellationToken cancellation)
    {
        var consumer = await Context.CreateOrUpdateConsumerAsync(
            Subject,
            new ConsumerConfig(Guid.NewGuid().ToString("n")) { AckPolicy = ConsumerConfigAckPolicy.Explicit, DeliverPolicy = ConsumerConfigDeliverPolicy.New },
            cancellation);
        var publishing = Concurrently.RunAsync(inFlight, messages, () => PublishAsync(cancellation));
        var taken = 0;
        await foreach (var message in consumer.ConsumeAsync<byte[]>(opts: new NatsJSConsumeOpts { MaxMsgs = inFlight * 2 }, cancellationToken: cancellation))
        {
            await message.AckAsync(cancellationToken: cancellation);
            if (++taken == messages)
                break;
        }

        await publishing;
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _server.Kill();
        await _server.WaitForExitAsync(CancellationToken.None);
        _server.Dispose();
    }
}
