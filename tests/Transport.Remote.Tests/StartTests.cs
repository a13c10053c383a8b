using System.Net;
using System.Net.Sockets;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_broker_that_does_not_answer_is_named_with_the_settings_that_matter()
    {
        // Taken and not listening: nobody answers there, and nobody else can come to.
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}");

        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => RemoteTransports.StartAsync(address, static s => s.StartTimeout = TimeSpan.FromSeconds(1)));

        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.StartsWith(
            $"the broker at {address} (setting \"address\") did not answer within startTimeout (1s)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_do_what_the_broker_behind_can()
    {
        await using var pair = await BrokerPair.StartAsync();

        var details = (await pair.Front.Broker.CheckHealthAsync(CancellationToken.None)).Details;
        var behind = (await pair.Behind.Broker.CheckHealthAsync(CancellationToken.None)).Details;

        Assert.Equal(
            behind.Where(static d => d.Key.Contains(".capability.", StringComparison.Ordinal)).Select(static d => (d.Key, Seen(d.Value))),
            details.Where(static d => d.Key.Contains(".capability.", StringComparison.Ordinal)).Select(static d => (d.Key, d.Value)));
        Assert.Equal(behind["transport.memory.guarantee"], details["transport.memory.guarantee"]);

        static string Seen(string support) => support == "emulated" ? "native" : support;
    }

    [Fact]
    public async Task A_disposed_transport_answers_no_health_check()
    {
        await using var pair = await BrokerPair.StartAsync();
        var transport = await RemoteTransports.StartAsync(pair.Behind.GrpcAddress);
        await transport.DisposeAsync();

        var failure = await Assert.ThrowsAsync<BrokerException>(() => transport.CheckHealthAsync(CancellationToken.None).AsTask());

        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Equal(CapabilitySupport.Native, transport.Capabilities[TransportCapability.Broadcast]);
    }
}
