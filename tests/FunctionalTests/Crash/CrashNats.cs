using EventBroker.Nats.Tests;

namespace EventBroker.FunctionalTests.Crash;

// A nats-server with JetStream. It lives on: one alone answers acks before it has written them down.
internal sealed class CrashNats : ICrashBackend, IAsyncDisposable
{
    private readonly NatsServer _server;

    private CrashNats(NatsServer server) => _server = server;

    public int Kills => 0;

    // A server of 2.9 that was to deliver something again to a host that has just died may do so as if for the first time.
    public bool ForgetsCounts => true;

    // For the same reason, and then it does not look whether another one has settled it.
    public bool RepeatsSettled => true;

    // As plugins.json names it.
    public string Transport => $$"""
        { "plugin": "jetstream", "settings": { "servers": [ "{{_server.Address}}" ], "ackWait": "3s", "deduplicationWindow": "1h" } }
        """;

    public static async Task<CrashNats> StartAsync() => new(await NatsServer.StartAsync("-js"));

    public void Kill() => throw new NotSupportedException("It is not to be killed.");

    public Task EndedAsync() => throw new NotSupportedException("It is not to be killed.");

    public Task StartAgainAsync() => throw new NotSupportedException("It is not to be killed.");

    public Task CheckAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
